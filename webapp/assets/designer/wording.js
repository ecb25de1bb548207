// Chinese over editors that know only English: texts and attributes that equal an entry of a table are replaced as
// they appear. What people typed is left alone: fields, code, and whatever lies inside `leave`, where only the parts
// named by `within` are ours to name.
import { isChinese } from "../js/said.js";

const ATTRIBUTES = ["title", "aria-label", "aria-description", "placeholder", "alt", "data-title"];
const TYPED = "input, textarea, [contenteditable=true], .cm-editor .cm-content, .cm-tooltip-autocomplete li";

// An English page leaves the words of the library; `ours`, where this platform differs from it, it says as well.
export function dictionary(chinese, patterns = [], ours = {}) {
  const words = isChinese ? { ...chinese, ...ours } : ours;
  const known = isChinese ? patterns : [];
  return (text) => {
    const key = text.trim().replace(/\s+/g, " ");
    if (!key) return undefined;
    if (Object.hasOwn(words, key)) return words[key];
    for (const [pattern, put] of known) {
      const match = key.match(pattern);
      if (match) return put.replace(/\$(\d)/g, (_, place) => words[match[place]] ?? match[place]);
    }
    return undefined;
  };
}

export function speak(root, find, { leave = "", within = "" } = {}) {
  const isTyped = (element) => Boolean(element.closest(TYPED)) || (leave && outermost(element, leave, within));

  function sayText(node) {
    const holder = node.parentElement;
    if (!holder || !/[A-Za-z]/.test(node.data)) return;
    if (holder.tagName === "OPTION" && holder.value === node.data) return;
    const found = find(node.data);
    if (found !== undefined && !isTyped(holder)) node.data = node.data.replace(node.data.trim(), () => found);
  }

  function sayAttribute(element, name) {
    const given = element.getAttribute(name);
    const found = given && /[A-Za-z]/.test(given) ? find(given) : undefined;
    if (found !== undefined && found !== given) element.setAttribute(name, found);
  }

  function sayAll(top) {
    if (top.nodeType === Node.TEXT_NODE) return sayText(top);
    if (top.nodeType !== Node.ELEMENT_NODE || top instanceof SVGElement) return; // pictures hold what people named
    const walk = document.createTreeWalker(top, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = top; node; node = walk.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) sayText(node);
      else for (const name of ATTRIBUTES) sayAttribute(node, name);
    }
  }

  sayAll(root);
  const observer = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(sayAll);
      else if (change.type === "characterData") sayText(change.target);
      else sayAttribute(change.target, change.attributeName);
    }
  });
  observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
  return observer;
}

// Whether an element lies in a part that is left alone, and in no named part inside it.
function outermost(element, leave, within) {
  const left = element.closest(leave);
  if (!left) return false;
  const named = within && element.closest(within);
  return !(named && left.contains(named));
}
