// Two versions beside each other: what was added, removed, changed or moved is marked on both canvases.
import { diff } from "bpmn-js-differ";
import { BpmnModdle } from "bpmn-moddle";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { packages } from "./moddle.js";

const READABLE = 0.8;

export async function start(root) {
  const [before, after] = await Promise.all(["old", "new"].map((side) => open(root, side)));
  const changes = diff(before.definitions, after.definitions);
  mark(before.viewer, Object.keys(changes._removed), "is-removed");
  mark(after.viewer, Object.keys(changes._added), "is-added");
  for (const viewer of [before.viewer, after.viewer]) {
    mark(viewer, Object.keys(changes._changed), "is-changed");
    mark(viewer, Object.keys(changes._layoutChanged), "is-moved");
  }
  for (const line of document.querySelectorAll("[data-element]")) {
    const go = () => show([after.viewer, before.viewer], line.dataset.element);
    line.tabIndex = 0;
    line.addEventListener("click", go);
    line.addEventListener("keydown", (event) => event.key === "Enter" && go());
  }
}

async function open(root, side) {
  const xml = await (await fetch(root.dataset[side])).text();
  const viewer = new NavigatedViewer({ container: root.querySelector(`[data-side=${side}]`), moddleExtensions: packages });
  await viewer.importXML(xml);
  viewer.get("canvas").zoom("fit-viewport");
  const { rootElement } = await new BpmnModdle(packages).fromXML(xml);
  return { viewer, definitions: rootElement };
}

function mark(viewer, ids, name) {
  const registry = viewer.get("elementRegistry");
  for (const id of ids) if (registry.get(id)) viewer.get("canvas").addMarker(id, name);
}

// Both pictures show the same place, also where the element stands in one of them only.
function show(viewers, id) {
  const holder = viewers.find((viewer) => viewer.get("elementRegistry").get(id));
  if (!holder) return;
  const canvas = holder.get("canvas");
  canvas.zoom(READABLE);
  canvas.scrollToElement(id, 100);
  for (const viewer of viewers) if (viewer !== holder) viewer.get("canvas").viewbox(canvas.viewbox());
}
