// The editor of diagrams in Chinese: what it asks its dictionary for, and the rest where it draws it.
import theirs from "bpmn-js-i18n/translations/zn.js";
import { isChinese } from "../js/said.js";
import ours from "./chinese.json";
import { dictionary, speak } from "./wording.js";

const words = isChinese ? { ...theirs, ...ours } : {};
const TYPED = ".djs-visual, .djs-direct-editing-parent, .djs-search-result, .bio-properties-panel-header-label, .bio-properties-panel-collapsible-entry-header-title";
const PATTERNS = [
  [/^List contains (\d+) items?$/, "共 $1 项"],
  [/^Remove (.+)$/, "删除“$1”"],
  [/^(Timer|Message|Signal|Conditional|Error|Escalation|Link|Terminate|Cancel|Compensate|Compensation|Multiple) ((?:Start|End|Boundary|Intermediate Catch|Intermediate Throw) Event)(?: \(non-interrupting\))?$/, "$1$2"],
  [/^Set animation speed = (.+)$/, "速度：$1"],
  [/^Focus process instance (.+)$/, "看实例 $1"],
  [/^Process instance <(.+)> (.+)$/i, "实例 $1：$2"],
  [/^Process (started|finished|canceled)$/, "流程$1"],
  [/^SubProcess (started|finished|canceled)$/, "子流程$1"],
  [/^(.+) (started|finished|canceled)$/, "$1：$2"],
  [/^Search in (.+)$/, "查找"],
];

export function translate(template, replacements = {}) {
  return (words[template] ?? template).replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole);
}

export function speakChinese(pane) {
  speak(pane, dictionary(words, PATTERNS), { leave: TYPED });
}

export default { translate: ["value", translate] };
