// Prerequisites in the editor: type a name, pick from what was found, untick what is not wanted.
(() => {
  function row(course, name, checked) {
    const item = document.createElement("li");
    const label = document.createElement("label");
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", value: course.id, checked });
    if (name) box.name = name;
    label.append(box, ` ${course.title}（${course.college}）`);
    item.append(label);
    return item;
  }

  for (const widget of document.querySelectorAll("[data-courses]")) {
    const search = widget.querySelector("[data-search]");
    const found = widget.querySelector("[data-found]");
    const chosen = widget.querySelector("[data-chosen]");
    let waiting = null;
    let running = null;

    async function look() {
      running?.abort();
      running = new AbortController();
      const url = new URL(widget.dataset.courses, location.href);
      url.searchParams.set("q", search.value);
      try {
        const answer = await fetch(url, { signal: running.signal });
        const { courses } = await answer.json();
        const known = new Set([...chosen.querySelectorAll("input")].map((box) => box.value));
        const rows = courses.filter((course) => !known.has(course.id)).map((course) => {
          const item = row(course, "", false);
          item.querySelector("input").addEventListener("change", () => {
            item.remove();
            chosen.append(row(course, widget.dataset.name, true));
            // The form has changed: whoever watches it (hours, unsaved changes) is told.
            search.dispatchEvent(new Event("change", { bubbles: true }));
          });
          return item;
        });
        found.replaceChildren(...rows);
        if (!rows.length && search.value.trim()) found.textContent = widget.dataset.nothing;
      } catch {
        // The network is away or a newer search runs; what was found stays.
      }
    }

    search.addEventListener("input", (event) => {
      event.stopPropagation();
      clearTimeout(waiting);
      waiting = setTimeout(look, 300);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
})();
