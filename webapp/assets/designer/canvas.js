// The diagram: bpmn-js with our properties, Chinese words, minimap, colours, token simulation, export and layout.
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from "bpmn-js-properties-panel";
import ColorPicker from "bpmn-js-color-picker";
import Modeler from "bpmn-js/lib/Modeler";
import TokenSimulation from "bpmn-js-token-simulation";
import Minimap from "diagram-js-minimap";
import { said } from "../js/said.js";
import chinese, { speakChinese } from "./chinese.js";
import { attributeOf } from "./extensions.js";
import ourProperties from "./panel.js";
import { fit, tools } from "./tools.js";
import { packages } from "./moddle.js";
import userTasks from "./user_tasks.js";

const READABLE = 0.8; // the whole of a large diagram shows shapes, no words
const MARKS = { error: "has-error", warning: "has-warning" };

export async function openCanvas(root, found, server, changed) {
  const modeler = new Modeler({
    container: root.querySelector("[data-canvas]"),
    propertiesPanel: { parent: root.querySelector("[data-panel]") },
    additionalModules: [BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ourProperties, Minimap, ColorPicker, TokenSimulation, userTasks, chinese],
    moddleExtensions: packages,
    vocabulary: found.vocabulary,
  });
  speakChinese(document.getElementById("pane-diagram"));
  root.querySelector("[data-canvas]").addEventListener("input", searchForIt);
  const warning = await show(modeler, found.bpmn, server);
  if (warning) root.querySelector("[data-state]").textContent = warning;
  let editable = false;
  let loading = false;
  modeler.on("commandStack.changed", () => !loading && editable && changed());
  modeler.on("searchPad.closed", () => setTimeout(() => reveal(modeler, modeler.get("selection").get()[0]?.id)));
  modeler.on("element.contextmenu", (event) => event.preventDefault?.());
  tools(root.querySelector("[data-tools]"), modeler, {
    reveal: (id) => reveal(modeler, id),
    layOut: server.layOut,
    say: (words) => (root.querySelector("[data-state]").textContent = words),
    replace: async (xml) => {
      loading = true;
      await modeler.importXML(xml);
      loading = false;
      changed();
    },
  });

  const marks = new Marks(modeler);

  return {
    modeler,
    xml: async () => (await modeler.saveXML({ format: true })).xml,
    select: (id) => reveal(modeler, id),
    mark: (problems) => marks.show(problems),
    setEditable(on) {
      editable = on;
      root.querySelector("[data-canvas]").classList.toggle("is-read-only", !on);
      root.querySelector("[data-panel]").inert = !on;
    },
    selected: () => modeler.get("selection").get()[0]?.id ?? "",
    usersOf: (form) =>
      modeler
        .get("elementRegistry")
        .filter((element) => element.type === "bpmn:UserTask" && (attributeOf(element, "Form", "key") ?? element.id) === form)
        .map((element) => element.businessObject.name)
        .filter(Boolean),
    nameOf: (id) => modeler.get("elementRegistry").get(id)?.businessObject.name || id,
  };
}

function reveal(modeler, id) {
  const registry = modeler.get("elementRegistry");
  const canvas = modeler.get("canvas");
  const element = registry.get(id ?? "") ?? registry.find(({ businessObject }) => businessObject.processRef?.id === id);
  if (!element || !id) return;
  if (element === canvas.getRootElement()) {
    modeler.get("selection").select([]); // the panel shows the process itself
    return;
  }
  if (canvas.zoom() < READABLE) canvas.zoom(READABLE, "auto");
  canvas.scrollToElement(element, { top: 120, bottom: 120, left: 200, right: 200 });
  modeler.get("selection").select(element);
}

// The search listens to keys alone: what an input method, the mouse or a voice puts in is searched for as well.
function searchForIt({ target }) {
  if (target.closest(".djs-search-input")) target.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
}

// Marks elements with what the check says of them; only what has changed is touched, a large diagram is slow enough.
class Marks {
  #shown = new Map(); // element id → its marker

  constructor(modeler) {
    this.canvas = modeler.get("canvas");
    this.registry = modeler.get("elementRegistry");
    modeler.on("import.done", () => this.#shown.clear());
  }

  show(problems) {
    const wanted = new Map();
    for (const { severity, element } of problems) {
      if (MARKS[severity] && wanted.get(element) !== MARKS.error) wanted.set(element, MARKS[severity]);
    }
    for (const [id, name] of this.#shown) if (wanted.get(id) !== name) this.#change("removeMarker", id, name);
    for (const [id, name] of wanted) if (this.#shown.get(id) !== name) this.#change("addMarker", id, name);
    this.#shown = wanted;
  }

  #change(act, id, name) {
    if (this.registry.get(id)) this.canvas[act](id, name);
  }
}

async function show(modeler, xml, server) {
  try {
    await modeler.importXML(xml);
  } catch (error) {
    if (!/no diagram|no process/i.test(error.message)) return said("流程图不能显示：{reason}", { reason: error.message });
    try {
      await modeler.importXML(await server.layOut(xml));
    } catch (refused) {
      return said("流程图不能显示：{reason}", { reason: refused.message });
    }
  }
  fit(modeler.get("canvas"));
  return "";
}
