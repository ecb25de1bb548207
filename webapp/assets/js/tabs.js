// .tabs that are wider than a narrow screen scroll: the current one is in sight at first.
export function tabs(root) {
  for (const list of root.querySelectorAll(".tabs")) {
    const current = list.querySelector("[aria-current]");
    if (current && list.scrollWidth > list.clientWidth) list.scrollLeft = current.offsetLeft - list.offsetLeft - 24;
  }
}
