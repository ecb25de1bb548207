// The forms of the draft: a list, the form-js editor, and beside it the form as the server renders it.
import { FormEditor } from "@bpmn-io/form-js-editor";
import { said } from "../js/said.js";
import chineseFields, { speakChinese } from "./chinese_forms.js";
import wenmingFields from "./form_panel.js";

const PREVIEW_AFTER = 800;
const BLANK = { type: "default", schemaVersion: 18, components: [] };

export function formsPane(pane, found, draft, server, canvas) {
  const forms = { ...found.forms };
  const { list, add, place, preview } = layOut(pane, said("表单"), said("新建表单"));
  let editor = null;
  let shown = null;
  let editable = false;
  let timer = null;
  speakChinese(pane);

  function drawList() {
    list.replaceChildren(
      ...Object.keys(forms)
        .sort()
        .map((key) => line(key, key === shown, () => open(key), editable ? () => remove(key) : null, canvas.usersOf(key))),
    );
    add.hidden = !editable;
  }

  async function open(key) {
    if (!(key in forms)) return;
    editor?.destroy();
    shown = key;
    drawList();
    const opened = new FormEditor({ container: place, additionalModules: [chineseFields, wenmingFields], checks: found.vocabulary.checks });
    editor = opened;
    await opened.importSchema(forms[key]);
    opened.on("commandStack.changed", () => {
      if (!editable) return;
      forms[key] = opened.getSchema();
      draft.changed("form", key, () => forms[key]);
      clearTimeout(timer);
      timer = setTimeout(() => render(key), PREVIEW_AFTER);
    });
    render(key);
  }

  async function render(key) {
    if (key !== shown) return;
    try {
      const { html } = await server.preview(forms[key]);
      if (key === shown) preview.innerHTML = html;
    } catch (error) {
      const lines = error.problem?.errors?.map((one) => said("{path}：{message}", one)) ?? [error.message];
      preview.replaceChildren(...lines.map((words) => Object.assign(document.createElement("p"), { className: "field-error", textContent: words })));
    }
  }

  function remove(key) {
    if (!confirm(said("删除表单“{key}”？", { key }))) return;
    delete forms[key];
    draft.changed("form", key, () => null);
    if (shown === key) {
      editor?.destroy();
      editor = shown = null;
      preview.replaceChildren();
    }
    drawList();
  }

  add.addEventListener("click", () => {
    const key = prompt(said("新表单的标识（与环节标识相同最方便），小写字母、数字和下划线："))?.trim();
    if (!key) return;
    if (!(key in forms)) {
      forms[key] = { ...BLANK, id: key };
      draft.changed("form", key, () => forms[key]);
    }
    open(key);
  });
  drawList();
  return {
    open,
    shown: () => {
      drawList(); // the steps may have other names or forms by now
      if (!shown && Object.keys(forms).length) open(Object.keys(forms).sort()[0]);
    },
    setEditable(on) {
      editable = on;
      place.inert = !on;
      drawList();
    },
  };
}

export function layOut(pane, title, adding) {
  pane.innerHTML = `<div class="parts-list"><h2>${title}</h2><ul></ul><button type="button" class="btn btn-sm" hidden>${adding}</button></div>
    <div class="parts-editor"></div><div class="parts-preview"><h2>${said("填写时的样子")}</h2><div class="form-preview"></div></div>`;
  return {
    list: pane.querySelector("ul"),
    add: pane.querySelector("button"),
    place: pane.querySelector(".parts-editor"),
    preview: pane.querySelector(".form-preview"),
  };
}

export function line(key, current, open, remove, names = []) {
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "part-name", textContent: key });
  if (names.length) button.replaceChildren(`${names.join(said("、"))} `, Object.assign(document.createElement("code"), { textContent: key }));
  if (current) button.setAttribute("aria-current", "true");
  button.addEventListener("click", open);
  item.append(button);
  if (remove) {
    const cross = Object.assign(document.createElement("button"), { type: "button", className: "part-remove", textContent: "×" });
    cross.setAttribute("aria-label", said("删除 {key}", { key }));
    cross.addEventListener("click", remove);
    item.append(cross);
  }
  return item;
}
