// [data-focus]: an error summary takes the focus when the page opens, so that it is read first.
export function startingFocus(root) {
  root.querySelector("[data-focus]")?.focus({ preventScroll: false });
}
