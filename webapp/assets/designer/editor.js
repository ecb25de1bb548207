// The editor of one draft: who has it, what is shown, when it is saved and checked.
import { said } from "../js/said.js";
import { openCanvas } from "./canvas.js";
import { commentsPane } from "./comments.js";
import { translateCredits } from "./credits.js";
import { Draft } from "./draft.js";
import { Problems } from "./problems.js";
import { serverAt } from "./server.js";
import { tabs } from "./tabs.js";

const CHECK_AFTER = 900;

export async function start(root) {
  const server = serverAt(root.dataset.base, root.dataset.csrf);
  const status = root.querySelector("[data-state]");
  let found;
  try {
    found = await server.read();
  } catch (error) {
    status.textContent = error.message;
    return;
  }
  const draft = new Draft(server, found);
  const canvas = await openCanvas(root, found, server, () => draft.changed("diagram", "", canvas.xml));
  translateCredits();
  globalThis.designerCanvas = canvas; // for tests and for whoever looks into it from the console
  const pane = (name) => document.getElementById(`pane-${name}`);
  const panes = {
    forms: later(draft, async () => (await import("./forms.js")).formsPane(pane("forms"), found, draft, server, canvas)),
    tables: later(draft, async () => (await import("./tables.js")).tablesPane(pane("tables"), found, draft)),
    comments: commentsPane(pane("comments"), found, server, canvas),
  };
  const show = tabs(root.querySelector("[role=tablist]"), (name) => panes[name]?.shown());
  const problems = new Problems(root, { go: (place) => go(place, show, canvas, panes) });
  watch(root, status, draft, canvas, panes);
  const check = checker(server, canvas, problems);
  for (const event of ["changed", "saved"]) draft.addEventListener(event, check);
  draft.addEventListener("changed", (event) => offer(found.vocabulary, event.detail));
  check();
  if (location.hash) go(decodeURIComponent(location.hash.slice(1)), show, canvas, panes);
}

// A form or table that was just made can be chosen for a step at once, one that was removed no more.
async function offer(words, { part, key, value }) {
  const known = { form: words.forms, table: words.tables }[part];
  if (!known) return;
  const isThere = (await value()) !== null;
  const others = known.filter((one) => one !== key);
  known.splice(0, known.length, ...(isThere ? [...others, key].sort() : others));
}

// The editors of forms and tables are large: each is loaded when its tab is first shown.
function later(draft, load) {
  let loading = null;
  let ready = null;
  async function get() {
    loading ??= load();
    ready = await loading;
    ready.setEditable(draft.isMine);
    return ready;
  }
  return {
    shown: async () => (await get()).shown(),
    open: async (key) => (await get()).open(key),
    setEditable: (on) => ready?.setEditable(on),
  };
}

function checker(server, canvas, problems) {
  let timer = null;
  let running = false;
  let again = false;
  async function run() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    problems.say(said("正在检查…"));
    try {
      const { problems: list } = await server.check(await canvas.xml());
      problems.show(list);
      canvas.mark(list);
    } catch (error) {
      problems.say(error.message);
    }
    running = false;
    if (again) {
      again = false;
      run();
    }
  }
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, CHECK_AFTER);
  };
}

function go(place, show, canvas, panes) {
  const [kind, key] = place.includes(":") ? place.split(":") : ["", place];
  if (kind === "form") {
    show("forms");
    panes.forms.open(key);
  } else if (kind === "table") {
    show("tables");
    panes.tables.open(key);
  } else {
    show("diagram");
    canvas.select(key);
  }
}

function whoEdits({ state, isMine, isSaved }) {
  const facts = { editor: state.editor, since: state.editing_since, at: state.saved_at, revision: state.revision };
  if (isMine && !isSaved) return said("您在编辑。正在保存…");
  if (isMine) return said("您在编辑。已保存 {at}（修订 {revision}）", facts);
  if (state.editor) return said("{editor} 自 {since} 起在编辑，您在查看。", facts);
  return said("没有人在编辑。最后保存 {at}（修订 {revision}）", facts);
}

function watch(root, status, draft, canvas, panes) {
  const button = (name) => root.querySelector(`[data-act=${name}]`);

  function showState() {
    const state = draft.state;
    root.classList.toggle("is-mine", draft.isMine);
    button("edit").hidden = !state.may_edit || state.is_mine || Boolean(state.editor);
    button("take-over").hidden = !state.may_edit || state.is_mine || !state.editor;
    button("leave").hidden = !draft.isMine;
    canvas.setEditable(draft.isMine);
    for (const pane of Object.values(panes)) pane.setEditable?.(draft.isMine);
    const revision = document.querySelector("[data-revision]");
    if (revision) revision.value = state.revision;
    status.textContent = whoEdits(draft);
    status.dataset.tone = "";
    if (draft.trouble) say(draft.trouble);
  }

  const tries = {
    edit: () => draft.edit(),
    "take-over": () => confirm(said("接管后，对方没有保存的改动会丢失。确定接管？")) && draft.edit(true),
    leave: () => draft.leave(),
  };
  for (const [name, act] of Object.entries(tries)) {
    button(name).addEventListener("click", () => Promise.resolve(act()).catch((error) => say(error.message)));
  }
  function say(words) {
    status.textContent = words;
    status.dataset.tone = "bad";
  }
  draft.addEventListener("state", showState);
  draft.addEventListener("changed", showState);
  for (const link of root.querySelectorAll(".designer-acts a")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      await draft.flush();
      if (draft.isSaved) location.assign(link.href);
    });
  }
  addEventListener("beforeunload", (event) => {
    if (!draft.isSaved) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && draft.flush());
  showState();
}
