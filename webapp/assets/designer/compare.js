// Two versions beside each other: what was added, removed, changed or moved is marked on both canvases.
import { diff } from "bpmn-js-differ";
import { BpmnModdle } from "bpmn-moddle";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { packages } from "./moddle.js";

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
    line.addEventListener("click", () => [before.viewer, after.viewer].forEach((viewer) => show(viewer, line.dataset.element)));
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

function show(viewer, id) {
  const element = viewer.get("elementRegistry").get(id);
  if (element) viewer.get("canvas").scrollToElement(element);
}
