// Before the first paint: the theme and the language that were chosen last, or the browser's.
(function () {
  "use strict";
  var root = document.documentElement;
  var stored = function (name) {
    try { return localStorage.getItem(name); } catch (error) { return null; }
  };
  var theme = stored("changefeed.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  var wanted = [stored("changefeed.language")].concat(navigator.languages || []);
  for (var i = 0; i < wanted.length; i += 1) {
    var language = String(wanted[i] || "").slice(0, 2);
    if (["en", "fr", "ar"].indexOf(language) >= 0) { root.lang = language; break; }
  }
  root.dir = root.lang === "ar" ? "rtl" : "ltr";
})();
