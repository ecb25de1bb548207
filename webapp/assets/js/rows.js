// Buttons that add or remove a row of a dynamic list: the form is posted in the background and only its fields are
// replaced by what the server answers, so the place on the page is kept. When that fails the form is posted as without a script.
import { conditions } from "../../../forms/assets/conditions.js";

const BUTTONS = 'button[name="row-add"], button[name="row-remove"]';

export function rows(root) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest?.(BUTTONS);
    const form = button?.form;
    if (!form?.querySelector("[data-document-form]")) return;
    event.preventDefault();
    change(form, button);
  });
}

async function change(form, button) {
  const list = button.closest("fieldset")?.id;
  const body = new FormData(form);
  body.append(button.name, button.value);
  try {
    const answer = await fetch(button.getAttribute("formaction") ?? form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-document-form]");
    if (!fresh || (!answer.ok && answer.status !== 422)) throw new Error(String(answer.status));
    form.querySelector("[data-document-form]").replaceWith(fresh);
  } catch {
    form.requestSubmit(button);
    return;
  }
  conditions(form);
  form.dispatchEvent(new Event("input", { bubbles: true }));
  place(document.getElementById(list), button.name === "row-add");
}

function place(list, added) {
  if (!list) return;
  const newest = [...list.querySelectorAll(":scope > .form-row-item")].pop();
  const field = added && newest?.querySelector("input:not([type=hidden]), select, textarea");
  (field || list).focus();
}
