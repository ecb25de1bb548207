// The editor of decision tables in Chinese: what it asks its dictionary for, and the rest where it draws it.
import words from "./chinese_tables.json";
import { HIT_POLICIES } from "dmn-js-decision-table/lib/features/hit-policy/HitPolicies";
import { dictionary, speak } from "./wording.js";

const EVALUATED = ["Unique", "First", "Collect"];
const REFUSED = "本平台不计算这种命中方式；请用唯一、第一条或收集全部。";

for (const policy of HIT_POLICIES) {
  const name = policy.label;
  policy.label = name === "Any" ? "任意（不支持）" : words[name];
  policy.explanation = EVALUATED.includes(name) ? words[policy.explanation] : REFUSED;
}

function translate(template, replacements = {}) {
  return (words[template] ?? template).replace(/{ ?([^ }]+) ?}/g, (whole, name) => replacements[name] ?? whole);
}

const TYPED = ".parts-list, .input-label, .output-label, .input-expression, .output-name, .decision-table-name, .djs-visual, .cell-editor, td.input-cell, td.output-cell, td.annotation";

export function speakChinese(pane) {
  speak(pane, dictionary(words, [[/^Remove (.+)$/, "删除“$1”"]]), { leave: TYPED });
}

export default { translate: ["value", translate] };
