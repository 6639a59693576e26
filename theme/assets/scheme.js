// What Material's own script needs before it runs, and the colours before the page is first drawn. It stands in the
// page's head and is not deferred, so that nothing is drawn before it has run.
(function () {
  "use strict";
  var own = document.currentScript;
  var scope = new URL(own.getAttribute("data-kb-scope") || ".", location);
  if (scope.pathname.slice(-1) !== "/") { scope.pathname += "/"; }

  function key(name, where) { return (where || scope).pathname + "." + name; }

  // A browser may refuse storage, and anything may stand in it: then there is nothing to remember.
  window.__md_scope = scope;
  window.__md_get = function (name, store, where) {
    try { return JSON.parse((store || localStorage).getItem(key(name, where))); } catch (error) { return null; }
  };
  window.__md_set = function (name, value, store, where) {
    try { (store || localStorage).setItem(key(name, where), JSON.stringify(value)); } catch (error) { return; }
  };
  window.__md_hash = function (text) {
    return Array.from(text).reduce(function (sum, letter) { return ((sum << 5) - sum + letter.charCodeAt(0)) | 0; }, 0);
  };
  document.documentElement.setAttribute("data-platform", navigator.platform);

  var palettes = JSON.parse(own.getAttribute("data-kb-palette") || "null");
  palettes = Array.isArray(palettes) ? palettes : [];

  function matches(palette) { return Boolean(palette.media) && matchMedia(palette.media).matches; }

  function dashed(name) { return String(name).replace(/ /g, "-"); }

  // What the reader chose; "as the system has it", and no choice, are asked of the system at each page.
  function colours() {
    var chosen = window.__md_get("__palette");
    var named = chosen && chosen.color;
    if (named && named.media !== "(prefers-color-scheme)") { return named; }
    var fitting = palettes.filter(matches).filter(function (each) { return each.media !== "(prefers-color-scheme)"; })[0];
    if (!fitting) { return named || {}; }
    return {
      media: fitting.media,
      scheme: dashed(fitting.scheme || "default"),
      primary: dashed(fitting.primary || "indigo"),
      accent: dashed(fitting.accent || "indigo")
    };
  }

  // The body is not there yet; it is told as soon as it is, which is before anything is drawn.
  var waiting = new MutationObserver(function () {
    if (!document.body) { return; }
    waiting.disconnect();
    var all = colours();
    Object.keys(all).forEach(function (name) { document.body.setAttribute("data-md-color-" + name, all[name]); });
  });
  waiting.observe(document.documentElement, { childList: true });
})();
