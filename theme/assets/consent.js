// Asks for consent, where a workspace has switched that on, and remembers the answer.
(function () {
  "use strict";
  var form = document.forms.namedItem("consent");
  var given = window.__md_get("__consent");
  if (!form) { return; }

  function boxes() {
    return Array.prototype.filter.call(form.elements, function (each) { return Boolean(each.name); });
  }

  function keep(event) {
    event.preventDefault();
    var answer = {};
    boxes().forEach(function (box) {
      if (event.type === "reset") { box.checked = false; }
      if (box.checked) { answer[box.name] = true; }
    });
    window.__md_set("__consent", answer);
    location.hash = "";
    location.reload();
  }

  form.addEventListener("submit", keep);
  form.addEventListener("reset", keep);
  if (given) {
    boxes().forEach(function (box) { box.checked = Boolean(given[box.name]); });
  } else if (location.protocol !== "file:") {
    setTimeout(function () { document.querySelector("[data-md-component=consent]").hidden = false; }, 250);
  }
})();
