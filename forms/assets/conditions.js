// Shows and hides conditional fields while a form is filled in; forms/conditions.py decides the same on the server.
// A hidden field counts as null and is not sent. Without this script every conditional field is shown with a note.

const isNumber = (value) => typeof value === "number";
const same = (a, b) => (a === null || b === null ? a === b : typeof a === typeof b ? a === b : null);
const order = (compare) => (a, b) =>
  typeof a === typeof b && (isNumber(a) || typeof a === "string") ? compare(a, b) : null;
const COMPARE = {
  "=": same,
  "!=": (a, b) => (same(a, b) === null ? null : !same(a, b)),
  "<": order((a, b) => a < b),
  "<=": order((a, b) => a <= b),
  ">": order((a, b) => a > b),
  ">=": order((a, b) => a >= b),
};

/** Evaluates a condition as the server wrote it; `find` returns the value under a path or null. */
export function evaluate([kind, ...parts], find) {
  if (kind === "value") return parts[0];
  if (kind === "path") return find(parts);
  if (kind === "not") {
    const value = evaluate(parts[0], find);
    return typeof value === "boolean" ? !value : null;
  }
  if (kind === "and" || kind === "or") {
    const decisive = kind === "or";
    const values = parts.map((part) => evaluate(part, find));
    if (values.includes(decisive)) return decisive;
    return values.every((value) => typeof value === "boolean") ? !decisive : null;
  }
  return COMPARE[kind](evaluate(parts[0], find), evaluate(parts[1], find));
}

function valueOf(form, name) {
  const inputs = [...form.querySelectorAll("[name]")].filter(
    (input) => input.name === name && input.type !== "hidden" && !input.closest("[data-hide-if][hidden]"),
  );
  if (!inputs.length) return undefined;
  const first = inputs[0];
  if (first.type === "radio") return inputs.find((input) => input.checked)?.value ?? null;
  if (first.type === "checkbox" && first.value === "true" && inputs.length === 1) return first.checked;
  if (first.type === "checkbox") return inputs.filter((input) => input.checked).map((input) => input.value);
  if (first.dataset.type === "number") {
    const text = first.value.normalize("NFKC").replaceAll(",", "").trim();
    return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
  }
  if (first.tagName === "SELECT" || first.type.startsWith("date") || first.type === "time") return first.value || null;
  return first.value.trim();
}

function finder(form, given, scope) {
  return (path) => {
    const [head, ...rest] = path;
    let prefix = "";
    let names = path;
    if (head === "this" || head === "_this_") [prefix, names] = [scope, rest];
    if (head === "parent" || head === "_parent_") [prefix, names] = [scope.replace(/[^.]+\.\d+\.$/, ""), rest];
    const value = valueOf(form, prefix + names.join("."));
    return value === undefined ? (given[names.join(".")] ?? null) : value;
  };
}

function install(form) {
  const given = JSON.parse(form.dataset.given || "{}");
  const conditional = [...form.querySelectorAll("[data-hide-if]")].map((element) => ({
    element,
    node: JSON.parse(element.dataset.hideIf),
    find: finder(form, given, element.dataset.scope || ""),
  }));
  if (!conditional.length) return;
  for (const note of form.querySelectorAll(".when-to-fill")) note.hidden = true;

  function update() {
    for (let round = 0; round <= conditional.length; round += 1) {
      const changed = conditional.filter(({ element, node, find }) => {
        const hide = evaluate(node, find) === true;
        if (element.hidden === hide) return false;
        element.hidden = hide;
        return true;
      });
      if (!changed.length) break;
    }
    for (const { element } of conditional) {
      const hidden = element.closest("[data-hide-if][hidden]") !== null;
      for (const input of element.querySelectorAll("input, select, textarea, button")) input.disabled = hidden;
    }
  }
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}

/** Looks after every form document below `root`. */
export function conditions(root) {
  root.querySelectorAll("[data-document-form]").forEach(install);
}
