// form[data-autosave-url]: posts what was typed (no files) as a draft every 20 seconds, when a field is left and when the
// page is hidden. The page says when it was saved. When the login has ended the text stays: the person logs in again in a
// new window, and when they come back the page takes up the new login by itself and saves; a decision waits until then.
// The answer is JSON {"saved_at": "10:32"} or empty. The state is shown in [data-draft-state] inside the form.
import { said } from "./said.js";

const INTERVAL = 20000;
const ENDED = 401;
const REFUSED = 409;

export function autosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave-url]")) watch(form);
}

function watch(form) {
  const state = stateElement(form);
  let lastSaved = typed(form).toString();
  let running = false;
  let isStale = false; // something was left to save while a save was on its way
  let hasEnded = false;

  async function save(keepalive = false) {
    const body = typed(form);
    isStale = running;
    if (running || body.toString() === lastSaved) return;
    running = true;
    try {
      let status = await post(body, keepalive);
      if ((status === ENDED || status === REFUSED) && !keepalive && (await renew(form, state))) status = await post(body, false);
      hasEnded = status === ENDED;
      if (status === 200) lastSaved = body.toString();
      if (status === 200 && typed(form).toString() === lastSaved) form.dispatchEvent(new CustomEvent("draft-saved"));
    } catch {
      say(state, said("暂时无法连接，草稿没有保存；填写的内容仍在本页，会自动重试。"), "bad");
    } finally {
      running = false;
    }
    if (isStale) await save();
  }

  async function post(body, keepalive) {
    const token = form.querySelector('input[name="csrf_token"]')?.value ?? "";
    const answer = await fetch(form.dataset.autosaveUrl, {
      method: "POST",
      body: new URLSearchParams([...body, ["csrf_token", token]]),
      keepalive,
      headers: { Accept: "application/json", "X-Requested-With": "fetch" },
    });
    return report(answer, state, form);
  }

  form.addEventListener("focusout", () => save());
  form.addEventListener("submit", (event) => {
    if (!hasEnded) return;
    event.preventDefault();
    const submitter = event.submitter;
    save().then(() => (hasEnded ? state.querySelector("a")?.focus() : form.requestSubmit(submitter)));
  });
  addEventListener("focus", () => hasEnded && save());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
    else if (hasEnded) save();
  });
  setInterval(save, INTERVAL);
}

async function report(answer, state, form) {
  if (answer.ok && !answer.redirected) {
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    const savedAt = isJson ? (await answer.json()).saved_at : null;
    say(state, said("已保存 {at}", { at: savedAt ?? localTime() }), "good");
    return 200;
  }
  if (answer.status === ENDED) askToLogIn(state);
  else if (answer.status === REFUSED) say(state, said("这项任务已有变化，草稿没有保存。请复制重要内容后刷新本页。"), "bad");
  else say(state, said("草稿没有保存，填写的内容仍在本页，会自动重试。"), "bad");
  form.dispatchEvent(new CustomEvent("draft-refused", { detail: answer.status }));
  return answer.status;
}

// Takes the token of a login that was renewed in another window, if it is the same person's; says whether there is one.
async function renew(form, state) {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector('input[name="csrf_token"]')?.value;
  const person = page.querySelector("form[data-person]")?.dataset.person;
  if (person && form.dataset.person && person !== form.dataset.person) {
    say(state, said("现在登录的是另一位用户，草稿没有保存。请用原来的账号登录，填写的内容仍在本页。"), "bad");
    return false;
  }
  if (!token) return false;
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
  return true;
}

function askToLogIn(state) {
  say(state, said("登录已失效，草稿没有保存；内容仍在本页。"), "bad");
  const link = document.createElement("a");
  link.href = `/login?next=${encodeURIComponent("/help/")}`;
  link.target = "_blank";
  link.rel = "opener";
  link.textContent = said("在新窗口重新登录");
  state.append(" ", link, said("，再回到本页即自动保存。"));
}

function typed(form) {
  const pairs = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
  return new URLSearchParams(pairs);
}

function stateElement(form) {
  const given = form.querySelector("[data-draft-state]");
  if (given) return given;
  const made = document.createElement("p");
  made.className = "draft-state";
  made.dataset.draftState = "";
  made.setAttribute("role", "status");
  form.append(made);
  return made;
}

function say(state, words, tone) {
  state.textContent = words;
  state.dataset.tone = tone;
}

function localTime() {
  return new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date());
}
