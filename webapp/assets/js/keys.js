// dialog[data-keys]: single keys for a list (form[data-inbox]) and for the page of a task ([data-task-keys]); "?" shows them.
// Keys act only outside of fields, and not at all where the person has switched them off.
import { mark } from "./list_place.js";

const APPROVING = ["pass", "agree", "approve", "accept", "submit", "yes", "confirm"];

export function keys(root) {
  const dialog = root.querySelector("dialog[data-keys]");
  if (!dialog) return;
  for (const button of root.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
  const bar = root.querySelector("[data-task-keys]");
  const acts = bar ? actsOfTask(root, bar) : actsOfList(root);
  acts["?"] = () => dialog.showModal();
  root.addEventListener("keydown", (event) => {
    if (dialog.open || event.defaultPrevented || event.isComposing) return;
    if (bar && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      decideForm(root)?.requestSubmit();
    } else if (isTyping(event.target)) {
      if (event.key === "Escape") event.target.blur();
    } else if (dialog.dataset.keys !== "off" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const act = acts[event.key];
      if (act && act(event) !== false) event.preventDefault();
    }
  });
}

function isTyping(target) {
  if (target.isContentEditable || target.matches?.("textarea, select")) return true;
  return target.matches?.("input") && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

function actsOfList(root) {
  const list = root.querySelector("form[data-inbox]");
  const rows = list ? [...list.querySelectorAll("[data-row]")] : [];
  const search = root.querySelector("[data-search]");
  if (location.hash === "#search") search?.focus();
  const at = () => rows.findIndex((row) => row.classList.contains("current"));
  const current = () => rows[at()];

  function go(step) {
    if (!rows.length) return;
    const row = rows[Math.min(rows.length - 1, Math.max(0, at() < 0 ? 0 : at() + step))];
    mark(rows, row);
    row.querySelector("[data-open]").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  return {
    j: () => go(1),
    k: () => go(-1),
    o: () => current()?.querySelector("[data-open]").click(),
    Enter: (event) => (event.target === document.body && current() ? current().querySelector("[data-open]").click() : false),
    x: () => current()?.querySelector("[data-tick]")?.click(),
    c: () => claim(list, current()),
    b: () => list?.querySelector("[data-tick]:checked") && list.requestSubmit(list.querySelector('[name="act"][value="decide"]')),
    n: () => root.querySelector('.pager a[rel="next"]')?.click(),
    p: () => root.querySelector('.pager a[rel="prev"]')?.click(),
    "/": () => search?.focus(),
  };
}

function claim(list, row) {
  if (!row) return;
  for (const box of list.querySelectorAll("[data-tick]")) box.checked = false;
  list.action = list.dataset.claimAddress.replace("00000000-0000-0000-0000-000000000000", row.id.slice(2));
  list.submit();
}

function actsOfTask(root, bar) {
  const click = (selector) => () => root.querySelector(selector)?.click();
  const acts = {
    a: () => choose(root, bar, (value) => APPROVING.includes(value)),
    r: () => choose(root, bar, (value) => value.startsWith("return")),
    e: () => opinion(root),
    c: click('form[action*="/claim"] button, form[action*="/release"] button'),
    u: click("[data-key-back]"),
    m: () => openMenu(root),
    "/": () => location.assign(`${bar.dataset.list}#search`),
  };
  acts.j = acts.n = click("[data-key-next]");
  acts.k = acts.p = click("[data-key-previous]");
  for (let number = 1; number <= 9; number += 1) acts[number] = () => choose(root, bar, (_value, place) => place === number - 1);
  return acts;
}

function openMenu(root) {
  const menu = root.querySelector("[data-act-menu]");
  if (!menu) return false;
  menu.open = true;
  menu.querySelector("a")?.focus();
  return true;
}

function decideForm(root) {
  return root.querySelector("#decide form");
}

function choose(root, bar, isWanted) {
  const form = decideForm(root);
  const fields = form && bar.dataset.outcome ? [...form.querySelectorAll(`[name="${CSS.escape(bar.dataset.outcome)}"]`)] : [];
  const select = fields.find((field) => field.matches("select"));
  if (select) {
    const option = [...select.options].filter((one) => one.value).find((one, place) => isWanted(one.value, place));
    if (!option) return;
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    select.dispatchEvent(new Event("input", { bubbles: true }));
  } else {
    const radio = fields.filter((field) => field.type === "radio").find((one, place) => isWanted(one.value, place));
    if (!radio) return;
    if (!radio.checked) radio.click();
  }
  opinion(root);
}

function opinion(root) {
  const form = decideForm(root);
  const fields = [...(form?.querySelectorAll("textarea, input[type=text]") ?? [])].filter((field) => field.offsetParent && !field.readOnly);
  const field = fields.find((one) => ["opinion", "comment", "answer", "reason"].includes(one.name)) ?? fields.find((one) => one.matches("textarea")) ?? fields[0];
  (field ?? form?.querySelector("button[type=submit]"))?.focus();
  field?.scrollIntoView({ block: "center" });
}
