// form[data-bulk]: the rows are sent in small parts, each row says what became of it, and a bar shows how far it is.
// Where an answer is to be corrected, or nothing can be reached, the form is sent as without a script.
import { said } from "./said.js";

const AT_ONCE = 10;

export function bulk(root) {
  const form = root.querySelector("form[data-bulk]");
  form?.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    run(root, form);
  });
}

async function run(root, form) {
  const inputs = [...form.querySelectorAll('input[name="task"]')];
  const line = form.querySelector("[data-bulk-progress]");
  const buttons = form.querySelector(".form-buttons");
  const total = inputs.length;
  let done = 0;
  let failed = 0;
  line.hidden = false;
  for (const button of buttons.querySelectorAll("button")) button.disabled = true;
  form.dispatchEvent(new CustomEvent("draft-saved")); // nothing is lost by leaving now
  while (inputs.length) {
    const part = inputs.slice(0, AT_ONCE);
    const answer = await send(form, part);
    if (!answer) {
      form.submit(); // with the rows that are left
      return;
    }
    for (const item of answer.items) {
      show(root, item);
      if (item.status === "done") done += 1;
      else failed += 1;
    }
    for (const input of inputs.splice(0, part.length)) input.remove();
    line.querySelector("progress").value = done + failed;
    const counts = { handled: done + failed, total, done, failed };
    line.querySelector("[data-bulk-words]").textContent = said("已处理 {handled} / {total} 件：成功 {done} 件，未成 {failed} 件", counts);
  }
  for (const button of buttons.querySelectorAll("button")) button.remove();
  buttons.querySelector("a")?.classList.add("btn-primary");
  buttons.querySelector("a")?.focus();
}

async function send(form, part) {
  const body = new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "task" && typeof value === "string"));
  for (const input of part) body.append("task", input.value);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const found = answer.ok && !answer.redirected ? await answer.json() : null;
    return found && found.rest === 0 ? found : null;
  } catch {
    return null;
  }
}

function show(root, item) {
  const place = root.querySelector(`[data-result="${CSS.escape(item.id)}"] [data-result-words]`);
  if (!place) return;
  const tag = document.createElement("span");
  tag.className = item.status === "done" ? "tag tag-good" : "tag tag-bad";
  tag.textContent = item.status === "done" ? said("已办") : said("未成");
  place.replaceChildren(tag, ` ${item.reasons.join(said("；"))}`);
  const row = place.closest("tr");
  if (item.status !== "done") row.parentElement.prepend(row); // what is left to do is seen first
}
