// Opens the tabs that a reader opened before, and the one that an address names. It stands after the page's text and
// before Material's own script, which reads what it did.
(function () {
  "use strict";
  var linked = document.currentScript.hasAttribute("data-kb-linked");
  var opened = linked ? window.__md_get("__tabs") : null;

  function open(set, names) {
    var labels = Array.prototype.slice.call(set.querySelectorAll(".tabbed-labels > label"));
    names.some(function (name) {
      var label = labels.filter(function (each) { return each.innerText.trim() === name; })[0];
      var input = label && document.getElementById(label.htmlFor);
      if (input) { input.checked = true; }
      return Boolean(input);
    });
  }

  if (Array.isArray(opened)) {
    document.querySelectorAll(".tabbed-set").forEach(function (set) { open(set, opened); });
  }
  var named = document.getElementById(location.hash.slice(1));
  if (named && named.name && named.name.indexOf("__tabbed_") === 0) { named.checked = true; }
})();
