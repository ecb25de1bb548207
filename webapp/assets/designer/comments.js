// What people say about elements of the draft; a line leads to its element.
import { said } from "../js/said.js";

export function commentsPane(pane, found, server, canvas) {
  const count = document.querySelector("[data-comment-count]");
  pane.innerHTML = `<form class="comment-form"><label class="form-label" for="comment-text">${said("批注")} <span data-about></span></label>
    <textarea class="form-control" id="comment-text" rows="3" maxlength="2000" required></textarea>
    <button class="btn btn-sm" type="submit">${said("写下批注")}</button><p class="field-error" role="alert"></p></form><ol class="comment-list"></ol>`;
  const [form, list, about, wrong] = ["form", "ol", "[data-about]", "[role=alert]"].map((name) => pane.querySelector(name));

  function draw(comments) {
    const open = comments.filter((one) => !one.settled).length;
    count.textContent = open ? said("（{open}）", { open }) : "";
    list.replaceChildren(...comments.map(item));
  }

  function item(comment) {
    const line = document.createElement("li");
    if (comment.settled) line.className = "is-settled";
    const where = Object.assign(document.createElement("button"), { type: "button", textContent: comment.element ? canvas.nameOf(comment.element) : said("整个流程") });
    where.addEventListener("click", () => canvas.select(comment.element));
    const words = Object.assign(document.createElement("p"), { textContent: comment.text });
    const who = Object.assign(document.createElement("p"), { className: "quiet", textContent: `${comment.author} ${comment.at}` });
    line.append(where, words, who);
    if (!comment.settled && found.may_edit) {
      const done = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: said("了结") });
      done.addEventListener("click", () => change(() => server.settle(comment.id)));
      line.append(done);
    }
    return line;
  }

  async function change(act) {
    wrong.textContent = "";
    try {
      draw((await act()).comments);
      return true;
    } catch (error) {
      wrong.textContent = error.problem?.errors?.[0]?.message ?? error.message;
      return false;
    }
  }

  form.hidden = !found.may_edit;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = form.querySelector("textarea");
    if (await change(() => server.comment(canvas.selected(), text.value))) text.value = "";
  });
  draw(found.comments);
  return {
    shown: () => {
      about.textContent = canvas.selected()
        ? said("（关于「{name}」）", { name: canvas.nameOf(canvas.selected()) })
        : said("（关于整个流程；先在流程图里选中环节，可以只说它）");
    },
  };
}
