// Tabs as the ARIA practices describe them: arrow keys move, the panel of the chosen one is shown.
// The page shows them disabled: what is chosen before there is anything to show would be lost.
export function tabs(list, shown) {
  const all = [...list.querySelectorAll("[role=tab]")];

  function choose(tab, focus = true) {
    for (const one of all) {
      const on = one === tab;
      one.setAttribute("aria-selected", String(on));
      one.tabIndex = on ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !on;
    }
    if (focus) tab.focus();
    shown(tab.id.slice("tab-".length));
  }

  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const place = all.indexOf(document.activeElement);
    if (step && place >= 0) choose(all[(place + step + all.length) % all.length]);
  });
  for (const tab of all) tab.disabled = false;
  return (name) => choose(all.find((tab) => tab.id === `tab-${name}`), false);
}
