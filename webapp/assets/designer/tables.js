// The decision tables of the draft: a list and the dmn-js editor; what the engine would not evaluate is named by the check.
import DmnModeler from "dmn-js/lib/Modeler";
import { said } from "../js/said.js";
import chinese, { speakChinese } from "./chinese_tables.js";
import { layOut, line } from "./forms.js";

const VIEWS = ["drd", "decisionTable", "literalExpression", "boxedExpression"];
const blank = (key) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="${key}_definitions" name="${key}" namespace="urn:wenming:decisions">
  <decision id="${key}" name="${key}"><decisionTable id="${key}_table" hitPolicy="FIRST">
    <input id="${key}_input" label="分数"><inputExpression id="${key}_expression" typeRef="number"><text>score</text></inputExpression></input>
    <output id="${key}_output" label="等次" name="grade" typeRef="string" />
  </decisionTable></decision>
</definitions>`;

export function tablesPane(pane, found, draft) {
  const tables = { ...found.tables };
  const { list, add, place } = layOut(pane, said("决策表"), said("新建决策表"));
  pane.querySelector(".parts-preview").remove();
  let modeler = null;
  let shown = null;
  let editable = false;
  speakChinese(pane);

  function drawList() {
    const keys = Object.keys(tables).sort();
    list.replaceChildren(...keys.map((key) => line(key, key === shown, () => open(key), editable ? () => remove(key) : null)));
    add.hidden = !editable;
  }

  async function open(key) {
    if (!(key in tables)) return;
    modeler?.destroy();
    shown = key;
    drawList();
    modeler = new DmnModeler({ container: place, ...Object.fromEntries(VIEWS.map((view) => [view, { additionalModules: [chinese] }])) });
    await modeler.importXML(tables[key]);
    const table = modeler.getViews().find((view) => view.type === "decisionTable");
    if (table) await modeler.open(table);
    modeler.getActiveViewer()?.on("commandStack.changed", () => {
      if (!editable) return;
      draft.changed("table", key, async () => {
        tables[key] = (await modeler.saveXML({ format: true })).xml;
        return tables[key];
      });
    });
  }

  function remove(key) {
    if (!confirm(said("删除决策表“{key}”？", { key }))) return;
    delete tables[key];
    draft.changed("table", key, () => null);
    if (shown === key) {
      modeler?.destroy();
      modeler = shown = null;
    }
    drawList();
  }

  add.addEventListener("click", () => {
    const key = prompt(said("新决策表的标识，小写字母、数字和下划线："))?.trim();
    if (!key || !/^[a-z][a-z0-9_]*$/.test(key)) return;
    if (!(key in tables)) {
      tables[key] = blank(key);
      draft.changed("table", key, () => tables[key]);
    }
    open(key);
  });
  drawList();
  return {
    open,
    shown: () => !shown && Object.keys(tables).length && open(Object.keys(tables).sort()[0]),
    setEditable(on) {
      editable = on;
      place.inert = !on;
      drawList();
    },
  };
}
