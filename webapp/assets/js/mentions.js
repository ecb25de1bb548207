// textarea[data-mentions=address]: after "@" the people who may read the case are offered; arrows, Enter or a click put the
// name in. Two people of one name are told apart by their user names.
import { said } from "./said.js";

const ASKED = /(?:^|[\s，。；：、（(“])@([^\s@，。；：、（）()“”,;:]{0,20})$/;

export function mentions(root) {
  for (const field of root.querySelectorAll("textarea[data-mentions]")) watch(field);
}

function watch(field) {
  const list = document.createElement("ul");
  list.className = "mention-list";
  list.id = `${field.id}-people`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", said("可以提醒的人"));
  list.hidden = true;
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  const known = new Map();
  let asked = null;

  function begun() {
    const found = ASKED.exec(field.value.slice(0, field.selectionStart));
    return found ? found[1] : null;
  }

  async function look() {
    const part = begun();
    asked = part;
    if (part === null) return close();
    if (!known.has(part)) known.set(part, fetchPeople(field.dataset.mentions, part));
    const items = await known.get(part);
    if (asked === part) show(items);
  }

  function show(items) {
    list.replaceChildren(...items.slice(0, 20).map((one, place) => option(one, place, items, list.id)));
    list.hidden = !items.length;
    choose(0);
  }

  function choose(place) {
    const all = [...list.children];
    all.forEach((one, at) => one.setAttribute("aria-selected", String(at === place)));
    if (all[place] && !list.hidden) {
      field.setAttribute("aria-activedescendant", all[place].id);
      all[place].scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  function take(one) {
    const end = field.selectionStart;
    field.setRangeText(`${one.dataset.name} `, end - (begun() ?? "").length, end, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  function close() {
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  }

  field.addEventListener("input", look);
  field.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const one = event.target.closest("li");
    if (one) take(one);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const all = [...list.children];
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose((at + 1) % all.length);
    else if (event.key === "ArrowUp") choose((at - 1 + all.length) % all.length);
    else if (event.key === "Enter" || event.key === "Tab") take(all[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

async function fetchPeople(address, part) {
  const target = new URL(address, location.href);
  target.searchParams.set("q", part);
  try {
    const answer = await fetch(target, { headers: { Accept: "application/json" } });
    return answer.ok && !answer.redirected ? (await answer.json()).items : [];
  } catch {
    return [];
  }
}

function option(one, place, items, id) {
  const line = document.createElement("li");
  const isAlone = items.filter((other) => other.name === one.name).length === 1;
  line.id = `${id}-${place}`;
  line.dataset.name = isAlone ? one.name : one.username;
  line.setAttribute("role", "option");
  const office = document.createElement("span");
  office.className = "quiet";
  office.textContent = one.office;
  line.append(isAlone ? one.name : said("{name}（{username}）", one), " ", office);
  return line;
}
