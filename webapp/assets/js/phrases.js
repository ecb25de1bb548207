// form[data-phrases-url]: below each opinion a button (Alt+C in the field) opens the person's phrases; a digit, a click or Enter
// inserts one at the cursor. The list is fetched when it is first wanted, so that the page itself asks for nothing.
import { said } from "./said.js";

export function phrases(root) {
  for (const form of root.querySelectorAll("form[data-phrases-url]")) watch(form);
}

function watch(form) {
  let kept = null;

  async function list() {
    kept ??= fetch(form.dataset.phrasesUrl, { headers: { Accept: "application/json" } }).then((answer) => {
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return answer.json();
    });
    try {
      return (await kept).items;
    } catch {
      kept = null;
      return null;
    }
  }

  function equip(field) {
    if (field.dataset.phrases) return;
    field.dataset.phrases = "on";
    const tools = document.createElement("div");
    tools.className = "phrase-tools";
    tools.innerHTML = `<button class="btn btn-sm" type="button" aria-expanded="false" aria-keyshortcuts="Alt+C">${said("常用意见")} <kbd>Alt+C</kbd></button>
      <a href="${form.dataset.phrasesUrl}" target="_blank" rel="noopener">${said("管理常用意见")}<span class="visually-hidden">${said("（新窗口）")}</span></a>`;
    field.after(tools);
    const button = tools.querySelector("button");
    button.addEventListener("click", () => toggle(field, tools, button));
    field.addEventListener("keydown", (event) => {
      if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyC") {
        event.preventDefault();
        toggle(field, tools, button);
      }
    });
  }

  async function toggle(field, tools, button) {
    const open = tools.nextElementSibling;
    if (open?.classList.contains("phrase-menu")) return close(field, open, button);
    const found = await list();
    const menu = document.createElement("div");
    menu.className = "phrase-menu";
    menu.setAttribute("role", "group");
    menu.setAttribute("aria-label", said("常用意见"));
    menu.innerHTML = found?.length ? "<ol></ol>" : `<p class="quiet" tabindex="-1"></p>`;
    if (!found?.length) menu.firstChild.textContent = found ? said("还没有常用意见，请点“管理常用意见”添加。") : said("常用意见暂时取不到，请稍后再试。");
    (found ?? []).forEach((one, place) => menu.querySelector("ol")?.append(item(one, place)));
    tools.after(menu);
    button.setAttribute("aria-expanded", "true");
    menu.addEventListener("click", (event) => {
      const chosen = event.target.closest("button");
      if (chosen) insert(field, menu, button, chosen.dataset.text);
    });
    menu.addEventListener("keydown", (event) => press(event, field, menu, button));
    (menu.querySelector("button") ?? menu.firstChild).focus();
  }

  for (const field of form.querySelectorAll("textarea")) equip(field);
  new MutationObserver(() => form.querySelectorAll("textarea").forEach(equip)).observe(form, { childList: true, subtree: true });
}

function item(one, place) {
  const line = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.text = one.text;
  if (place < 9) {
    const key = document.createElement("kbd");
    key.textContent = String(place + 1);
    button.append(key);
  }
  const words = document.createElement("span");
  words.className = "phrase-words";
  words.textContent = one.shared ? said("{text}（共用）", { text: one.text }) : one.text;
  button.append(words);
  line.append(button);
  return line;
}

function press(event, field, menu, button) {
  const all = [...menu.querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  const digit = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : -1;
  if (all[digit] && !event.ctrlKey && !event.altKey && !event.metaKey) insert(field, menu, button, all[digit].dataset.text);
  else if (event.key === "Escape") close(field, menu, button);
  else if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
  else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length]?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function insert(field, menu, button, text) {
  close(field, menu, button);
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function close(field, menu, button) {
  menu.remove();
  button.setAttribute("aria-expanded", "false");
  field.focus();
}
