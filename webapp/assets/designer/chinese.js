// The editor's own words in Chinese. What has no entry is noted in `missing`, so that a test can name every gap.
import theirs from "bpmn-js-i18n/translations/zn.js";
import ours from "./chinese.json";

const words = { ...theirs, ...ours };

export const missing = new Set();

export function translate(template, replacements = {}) {
  const found = words[template];
  if (found === undefined && /[A-Za-z]{2}/.test(template)) missing.add(template);
  return (found ?? template).replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole);
}

globalThis.untranslated = missing;
export default { translate: ["value", translate] };
