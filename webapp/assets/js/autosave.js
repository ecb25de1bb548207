// form[data-autosave-url]: posts what was typed (no files) as a draft every 20 seconds, when a field is left and when the
// page is hidden. The page says when it was saved; when the login has ended it says so and keeps the text.
// The answer is JSON {"saved_at": "10:32"} or empty. The state is shown in [data-draft-state] inside the form.
const INTERVAL = 20000;

export function autosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave-url]")) watch(form);
}

function watch(form) {
  const state = stateElement(form);
  let lastSaved = typed(form).toString();
  let running = false;

  async function save(keepalive = false) {
    const body = typed(form);
    if (running || body.toString() === lastSaved) return;
    running = true;
    try {
      const answer = await fetch(form.dataset.autosaveUrl, {
        method: "POST",
        body,
        keepalive,
        headers: { Accept: "application/json", "X-Requested-With": "fetch" },
      });
      if (await report(answer, state, form)) {
        lastSaved = body.toString();
        if (typed(form).toString() === lastSaved) form.dispatchEvent(new CustomEvent("draft-saved"));
      }
    } catch {
      say(state, "暂时无法连接，草稿没有保存；填写的内容仍在本页，会自动重试。", "bad");
    } finally {
      running = false;
    }
  }

  form.addEventListener("focusout", () => save());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
  setInterval(save, INTERVAL);
}

async function report(answer, state, form) {
  if (answer.ok && !answer.redirected) {
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    const savedAt = isJson ? (await answer.json()).saved_at : null;
    say(state, `已保存 ${savedAt ?? localTime()}`, "good");
    return true;
  }
  const words = {
    401: "登录已失效，草稿没有保存。内容仍在本页：请直接点击提交，系统会请您重新登录并保留内容。",
    409: "这项任务已有变化，草稿没有保存。请复制重要内容后刷新本页。",
  };
  say(state, words[answer.status] ?? "草稿没有保存，填写的内容仍在本页，会自动重试。", "bad");
  form.dispatchEvent(new CustomEvent("draft-refused", { detail: answer.status }));
  return false;
}

function typed(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
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
