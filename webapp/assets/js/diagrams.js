// [data-diagram]: buttons to zoom an SVG and dragging to move it; without this the frame simply scrolls.
const STEP = 1.25;
const SMALLEST = 0.2;
const LARGEST = 4;

export function diagrams(root) {
  for (const frame of root.querySelectorAll("[data-diagram]")) watch(frame);
}

function watch(frame) {
  const view = frame.querySelector(".diagram-view");
  const picture = view?.querySelector("svg");
  if (!picture) return;
  const width = picture.viewBox.baseVal?.width || picture.getBoundingClientRect().width;
  let scale = 1;

  function zoom(next) {
    const before = scale;
    const centre = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2];
    scale = Math.min(LARGEST, Math.max(SMALLEST, next));
    picture.setAttribute("width", String(Math.round(width * scale)));
    picture.removeAttribute("height");
    view.scrollLeft = (centre[0] * scale) / before - view.clientWidth / 2;
    view.scrollTop = (centre[1] * scale) / before - view.clientHeight / 2;
  }

  const acts = { in: () => zoom(scale * STEP), out: () => zoom(scale / STEP), whole: () => zoom(view.clientWidth / width - 0.02) };
  for (const button of frame.querySelectorAll("[data-zoom]")) {
    button.hidden = false;
    button.addEventListener("click", () => acts[button.dataset.zoom]());
  }
  drag(view);
  bringIntoView(view);
}

function drag(view) {
  let from = null;
  view.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    from = { x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop };
    view.classList.add("grabbing");
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => {
    if (!from) return;
    view.scrollLeft = from.x - event.clientX;
    view.scrollTop = from.y - event.clientY;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    view.addEventListener(end, () => {
      from = null;
      view.classList.remove("grabbing");
    });
  }
}

function bringIntoView(view) {
  const open = view.querySelector("svg .wm-open, svg .wm-incident");
  if (!open) return;
  const place = open.getBoundingClientRect();
  const frame = view.getBoundingClientRect();
  view.scrollLeft += place.left - frame.left - view.clientWidth / 2;
  view.scrollTop += place.top - frame.top - view.clientHeight / 2;
}
