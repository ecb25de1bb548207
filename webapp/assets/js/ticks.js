// table[data-ticks]: "tick all on this page", shift-click for ranges, and how many are ticked in [data-tick-count];
// [data-tick-bar] is there while something is ticked.
import { said } from "./said.js";

export function ticks(root) {
  for (const table of root.querySelectorAll("table[data-ticks]")) watch(table);
}

function watch(table) {
  const all = table.querySelector("[data-tick-all]");
  const boxes = [...table.querySelectorAll("[data-tick]:not(:disabled)")];
  const scope = table.closest("form") ?? document;
  let last = null;

  function refresh() {
    const ticked = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    for (const place of scope.querySelectorAll("[data-tick-count]")) place.textContent = said("已选 {ticked} 项", { ticked });
    for (const bar of scope.querySelectorAll("[data-tick-bar]")) bar.hidden = ticked === 0;
  }

  table.addEventListener("click", (event) => {
    const index = boxes.indexOf(event.target);
    if (index < 0) return;
    if (event.shiftKey && last !== null) {
      for (const box of boxes.slice(Math.min(last, index), Math.max(last, index) + 1)) box.checked = event.target.checked;
    }
    last = index;
    refresh();
  });
  if (all) {
    all.hidden = boxes.length === 0;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      refresh();
    });
  }
  addEventListener("pageshow", refresh);
  refresh();
}
