// Links to /attachments/N/preview open over the page, so that what was typed and the place on the page stay. Arrow keys and
// buttons go on to the other files of the page; Escape closes and puts the focus back. Without this they open as pages.
import { said } from "./said.js";

const ADDRESS = /^\/attachments\/\d+\/preview$/;

export function previews(root) {
  if (!root.querySelector("main") || typeof HTMLDialogElement === "undefined") return;
  let dialog = null;
  root.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!isPreview(link) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    dialog ??= make(root);
    dialog.open(link);
  });
}

function isPreview(link) {
  return Boolean(link) && link.origin === location.origin && ADDRESS.test(link.pathname);
}

function make(root) {
  const element = document.createElement("dialog");
  element.className = "preview-dialog";
  element.setAttribute("aria-labelledby", "preview-title");
  element.innerHTML = `<div class="preview-bar"><h2 id="preview-title"></h2>
    <button class="btn btn-sm" type="button" data-step="-1">${said("上一个")}</button><button class="btn btn-sm" type="button" data-step="1">${said("下一个")}</button>
    <a class="btn btn-sm" data-download>${said("下载")}</a><button class="btn btn-sm" type="button" data-close>${said("关闭")}</button></div>
    <div class="preview-scroll" tabindex="0" role="region" aria-label="${said("附件内容")}"></div>`;
  root.body.append(element);
  const title = element.querySelector("h2");
  const place = element.querySelector(".preview-scroll");
  let opener = null;
  let links = [];
  let at = 0;

  async function show(address) {
    place.textContent = said("正在打开…");
    place.setAttribute("aria-busy", "true");
    const asked = (show.asked = Symbol(address));
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const body = page.querySelector("[data-preview-body]");
      if (!body) throw new Error(String(answer.status));
      if (asked === show.asked) place.replaceChildren(document.adoptNode(body));
    } catch {
      if (asked === show.asked) location.assign(address);
    }
    place.removeAttribute("aria-busy");
    place.scrollTop = 0;
  }

  function step(by) {
    at = (at + by + links.length) % links.length;
    open(links[at]);
  }

  function open(link) {
    title.textContent = link.querySelector(".file-name")?.textContent ?? link.textContent.trim();
    element.querySelector("[data-download]").href = link.pathname.replace(/\/preview$/, "");
    for (const button of element.querySelectorAll("[data-step]")) button.hidden = links.length < 2;
    show(link.href);
  }

  element.addEventListener("click", (event) => {
    const inner = event.target.closest("a[href]");
    if (isPreview(inner)) {
      event.preventDefault();
      event.stopPropagation();
      show(inner.href);
    } else if (event.target === element || event.target.closest("[data-close]")) element.close();
    else if (event.target.closest("[data-step]")) step(Number(event.target.closest("[data-step]").dataset.step));
  });
  element.addEventListener("keydown", (event) => {
    if (links.length < 2 || event.target.closest(".preview-table")) return;
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  element.addEventListener("close", () => {
    place.replaceChildren();
    opener?.focus();
  });
  return {
    open(link) {
      opener = link;
      const all = [...root.querySelectorAll("main a[href]")].filter((one) => isPreview(one));
      links = all.filter((one, place) => all.findIndex((other) => other.href === one.href) === place);
      at = links.findIndex((one) => one.href === link.href);
      open(links[at]);
      element.showModal();
      place.focus();
    },
  };
}
