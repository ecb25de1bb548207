// Our group of the form editor's panel: what a field is for the process, and the checks that the field knows.
// The panel of the form editor has a copy of its library within, so the entries are drawn here, in its shape.
import { h } from "preact";
import { said } from "../js/said.js";

const DECIDES = new Set(["radio", "select"]);
const input = "bio-properties-panel-input";
const label = (id, words) => h("label", { class: "bio-properties-panel-label", for: id }, words);

function set(field, edit, name, value) {
  const { [name]: _before, ...others } = field.properties ?? {};
  edit(field, "properties", value ? { ...others, [name]: value } : others);
}

function Outcome({ element: field, id, edit }) {
  const change = ({ target }) => set(field, edit, "outcome", target.checked ? "true" : "");
  const checked = String(field.properties?.outcome) === "true";
  return h("div", { class: "bio-properties-panel-entry bio-properties-panel-checkbox-entry", "data-entry-id": id }, [
    h("div", { class: "bio-properties-panel-checkbox" }, [
      h("input", { type: "checkbox", class: input, id, checked, onChange: change }),
      label(id, said("这一项是办理结果")),
    ]),
    h("div", { class: "bio-properties-panel-description" }, said("提交之后流程按它的取值往下走；每份表单一项")),
  ]);
}

function Check({ element: field, id, edit, checks }) {
  const chosen = field.properties?.validator ?? "";
  const offered = [{ value: "", label: said("（无）") }, ...checks];
  const options = offered.map(({ value, label: words }) => h("option", { value, selected: value === chosen }, words));
  const change = ({ target }) => set(field, edit, "validator", target.value);
  return h("div", { class: "bio-properties-panel-entry", "data-entry-id": id }, [
    h("div", { class: "bio-properties-panel-select" }, [label(id, said("专用校验")), h("select", { class: input, id, onChange: change }, options)]),
  ]);
}

class Provider {
  static $inject = ["propertiesPanel", "config.checks"];

  constructor(propertiesPanel, checks) {
    this.checks = checks;
    propertiesPanel.registerProvider(this, 400);
  }

  getGroups(field, edit) {
    const entries = [];
    const common = { element: field, edit, checks: this.checks };
    if (DECIDES.has(field.type)) entries.push({ ...common, id: "wm-outcome", component: Outcome, isEdited: (node) => Boolean(node?.checked) });
    if (field.type === "textfield") entries.push({ ...common, id: "wm-check", component: Check, isEdited: (node) => Boolean(node?.value) });
    const ours = entries.length ? [{ id: "wm-process", label: said("在流程中"), entries, shouldOpen: true }] : [];
    return (groups) => [...groups.slice(0, 1), ...ours, ...groups.slice(1)];
  }
}

export default { __init__: ["wenmingFields"], wenmingFields: ["type", Provider] };
