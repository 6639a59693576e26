// What kb adds in the browser: table filters, lesson progress and quizzes.
// Everything is readable without it.
(function () {
  "use strict";

  function storage(action) {
    try { return action(window.localStorage); } catch (error) { return null; }
  }

  function element(tag, attributes, text) {
    var made = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (text) { made.textContent = text; }
    return made;
  }

  function cellText(row, column) {
    var cell = row.cells[column];
    if (!cell) { return ""; }
    var time = cell.querySelector("time");
    return (time ? time.getAttribute("datetime") : cell.textContent).trim().toLowerCase();
  }

  function sortable(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = element("button", { type: "button", title: "Sort by this column" }, head.textContent);
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var rows = Array.prototype.slice.call(table.tBodies[0].rows);
        rows.sort(function (one, two) {
          return cellText(one, column).localeCompare(cellText(two, column), undefined, { numeric: true }) * (down ? -1 : 1);
        });
        rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
      });
    });
  }

  function filterable(box, table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var bar = element("div", { "class": "kb-filter" });
    var input = element("input", { type: "search", placeholder: "Filter these " + rows.length, "aria-label": "Filter the table" });
    var status = element("span", { "class": "kb-quiet", "aria-live": "polite" });
    bar.appendChild(input);
    bar.appendChild(status);
    box.parentNode.insertBefore(bar, box);
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (row) {
        var text = row.textContent.toLowerCase();
        var hit = words.every(function (word) { return text.indexOf(word) >= 0; });
        row.hidden = !hit;
        shown += hit ? 1 : 0;
      });
      status.textContent = words.length ? shown + " of " + rows.length : "";
    });
  }

  document.querySelectorAll("[data-kb-filter]").forEach(function (box) {
    var table = box.querySelector("table");
    if (!table || !table.tHead || !table.tBodies.length || table.tBodies[0].rows.length < 2) { return; }
    sortable(table);
    if (table.tBodies[0].rows.length > 8) { filterable(box, table); }
  });

  function keyOf(module) {
    return "kb:" + module.getAttribute("data-kb-client") + ":" + module.getAttribute("data-kb-module") + ":" + module.getAttribute("data-kb-version");
  }

  function stateOf(key) {
    var state = storage(function (store) { return JSON.parse(store.getItem(key) || "{}"); });
    return state && typeof state === "object" ? state : {};
  }

  function save(key, state) {
    storage(function (store) { store.setItem(key, JSON.stringify(state)); });
  }

  function progress(element_, state) {
    var total = Number(element_.getAttribute("data-kb-lessons"));
    var done = Math.min(total, Object.keys(state.lessons || {}).length);
    var bar = element_.querySelector(".kb-progress > span");
    var words = element_.querySelector(".kb-progress-words");
    if (bar) { bar.style.width = (total ? Math.round(100 * done / total) : 0) + "%"; }
    if (words) {
      words.textContent = done + " of " + total + " lessons done" + (state.score === undefined ? "" : ", quiz " + state.score + " %" + (state.passed ? ", passed" : ""));
    }
  }

  document.querySelectorAll("[data-kb-module]").forEach(function (module) {
    var key = keyOf(module);
    var state = stateOf(key);
    progress(module, state);
    document.querySelectorAll("[data-kb-lesson-of='" + module.getAttribute("data-kb-module") + "']").forEach(function (button) {
      var lesson = button.getAttribute("data-kb-lesson");
      function show() {
        var done = Boolean((state.lessons || {})[lesson]);
        button.textContent = done ? "✓ Done" : "Mark this lesson as done";
        button.setAttribute("aria-pressed", String(done));
      }
      button.addEventListener("click", function () {
        state.lessons = state.lessons || {};
        if (state.lessons[lesson]) { delete state.lessons[lesson]; } else { state.lessons[lesson] = true; }
        save(key, state);
        show();
        progress(module, state);
      });
      show();
    });
    document.querySelectorAll("form.kb-quiz[data-kb-quiz-of='" + module.getAttribute("data-kb-module") + "']").forEach(function (form) {
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        var right = 0;
        var questions = form.querySelectorAll("fieldset");
        questions.forEach(function (question) {
          var all = true;
          question.querySelectorAll("input").forEach(function (input) {
            var correct = input.hasAttribute("data-correct");
            var why = document.getElementById(input.getAttribute("aria-describedby"));
            if (input.checked !== correct) { all = false; }
            if (why) {
              why.hidden = !(input.checked || correct);
              why.classList.toggle("kb-why--right", correct);
              why.classList.toggle("kb-why--wrong", !correct);
            }
          });
          right += all ? 1 : 0;
          question.setAttribute("data-right", String(all));
        });
        var score = Math.round(100 * right / questions.length);
        var pass = Number(form.getAttribute("data-pass"));
        state.score = score;
        state.passed = score >= pass;
        save(key, state);
        form.querySelector(".kb-result").textContent = right + " of " + questions.length + " right (" + score + " %). " +
          (state.passed ? "You passed." : "You need " + pass + " %: read why below each answer and try again.");
        progress(module, state);
      });
    });
  });
})();
