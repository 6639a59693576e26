// Hides an announcement that the reader has put away.
(function () {
  "use strict";
  var box = document.querySelector("[data-md-component=announce]");
  var words = box && box.querySelector(".md-typeset");
  if (words && window.__md_hash(words.innerHTML) === window.__md_get("__announce")) { box.hidden = true; }
})();
