"use strict";
// Filters and sorts the verdict table, and opens what a link leads to. The page is whole without it.
(() => {
  const ORDER = ["supported", "contradicted", "imprecise", "mixed", "open", "untestable", "no-data"];
  const table = document.getElementById("verdict-table");
  const tools = document.querySelector("form.tools");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const place = new Map(rows.map((row, index) => [row, index]));
  const told = tools.querySelector("output");

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(tools));
    const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const data = row.dataset;
      const text = row.textContent.toLowerCase();
      const fits =
        words.every((word) => text.includes(word)) &&
        (!wanted.verdict || data.now === wanted.verdict) &&
        (!wanted.kind || data.kind === wanted.kind) &&
        (!wanted.moved || (data.now !== data.then) === (wanted.moved === "yes"));
      row.hidden = !fits;
      shown += fits;
    }
    told.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} claims`;
    table.classList.toggle("flat", shown !== rows.length || sorted !== "order" || down);
  };

  let sorted = "order";
  let down = false;
  const key = (row, by) => (by === "order" ? place.get(row) : ORDER.indexOf(row.dataset[by]));
  const sort = (head) => {
    const by = head.dataset.by;
    down = sorted === by && !down;
    sorted = by;
    const turn = down ? -1 : 1;
    rows.sort((a, b) => turn * (key(a, by) - key(b, by)) || place.get(a) - place.get(b));
    body.append(...rows);
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    filter();
  };

  for (const head of table.tHead.querySelectorAll("[data-by]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head));
  }
  tools.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.addEventListener("reset", () => setTimeout(filter));
  tools.hidden = false;

  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", open);
  if (location.hash) open();
})();
