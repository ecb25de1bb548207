// details[data-fold-narrow]: open in the page, so that it works without this script; folded here where the screen is narrow.
export function foldNarrow(root) {
  if (!matchMedia("(max-width: 36rem)").matches) return;
  for (const details of root.querySelectorAll("details[data-fold-narrow]")) details.open = false;
}
