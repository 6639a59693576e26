// The version picker in the header, in Material's form. The list comes from versions.js beside the versions, and what
// pages a version has from its pages.js: scripts, because a page that is opened from disk may not read other files.
(function () {
  "use strict";

  function meta(name) {
    var found = document.querySelector('meta[name="kb-' + name + '"]');
    return found ? found.getAttribute("content") : "";
  }

  var base = new URL(JSON.parse(document.getElementById("__config").textContent).base + "/", location.href);
  var own = [meta("page")].concat(meta("formerly").split(" ").filter(Boolean));
  var wanted = null;

  // The same page under its name of today or an older one, else the index of its folder or of one above.
  function nearest(pages) {
    var there = {};
    pages.forEach(function (page) { there[page] = true; });
    var same = own.filter(function (page) { return there[page]; })[0];
    if (same) { return same + location.hash; }
    var folder = own[0];
    while (folder.indexOf("/") > 0) {
      folder = folder.slice(0, folder.lastIndexOf("/"));
      if (there[folder + "/index.html"]) { return folder + "/index.html"; }
    }
    return "index.html";
  }

  window.kbPages = function (version, pages) {
    if (wanted) { location.assign(new URL(nearest(pages), wanted)); }
  };

  function go(folder) {
    var script = document.createElement("script");
    wanted = folder;
    script.src = new URL("pages.js", folder);
    script.onerror = function () { location.assign(new URL("index.html", folder)); };
    document.head.appendChild(script);
  }

  function element(tag, name, text) {
    var made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    return made;
  }

  window.kbVersions = function (versions) {
    var place = document.querySelector("[data-md-component=header-title] .md-header__topic");
    var here = versions.filter(function (each) { return each.version === meta("version"); })[0];
    if (!place || !here || versions.length < 2) { return; }
    var box = element("div", "md-version", "");
    var button = element("button", "md-version__current", here.title);
    var list = element("ul", "md-version__list", "");
    button.type = "button";
    button.setAttribute("aria-label", "Version " + here.title + ", choose another");
    versions.forEach(function (each) {
      var folder = new URL("../" + (each.aliases[0] || each.version) + "/", base);
      var item = element("li", "md-version__item", "");
      var link = element("a", "md-version__link", each.title);
      link.href = new URL("index.html", folder);
      if (each.aliases[0]) { link.textContent += " "; link.appendChild(element("span", "md-version__alias", each.aliases[0])); }
      if (each === here) { link.setAttribute("aria-current", "true"); }
      link.addEventListener("click", function (event) {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
        event.preventDefault();
        go(folder);
      });
      item.appendChild(link);
      list.appendChild(item);
    });
    box.appendChild(button);
    box.appendChild(list);
    place.appendChild(box);
  };
})();
