// <details data-menu>: closes on Escape (focus goes back to its button) and when something else is clicked.
export function menus(root) {
  for (const menu of root.querySelectorAll("details[data-menu]")) {
    root.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}
