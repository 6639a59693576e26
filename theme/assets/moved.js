// An old address: go to where the page is now, at the same place in it.
(function () {
  "use strict";
  var link = document.getElementById("kb-moved");
  if (link) { location.replace(link.href + (link.hash ? "" : location.hash)); }
})();
