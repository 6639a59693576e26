// Shows that a version is outdated where Material has found so before.
(function () {
  "use strict";
  var base = new URL(document.currentScript.getAttribute("data-kb-base") || ".", location);
  var box = document.querySelector("[data-md-component=outdated]");
  if (box && window.__md_get("__outdated", sessionStorage, base) === true) { box.hidden = false; }
})();
