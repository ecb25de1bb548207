// The editor of decision tables in Chinese: what it asks its dictionary for, and the rest where it draws it.
import { HIT_POLICIES } from "dmn-js-decision-table/lib/features/hit-policy/HitPolicies";
import { isChinese, said } from "../js/said.js";
import chinese from "./chinese_tables.json";
import { dictionary, speak } from "./wording.js";

const words = isChinese ? chinese : {};
const EVALUATED = ["Unique", "First", "Collect"];
const REFUSED = said("本平台不计算这种命中方式；请用唯一、第一条或收集全部。");

for (const policy of HIT_POLICIES) {
  const name = translate(policy.label);
  const isEvaluated = EVALUATED.includes(policy.label);
  policy.label = isEvaluated ? name : said("{name}（不支持）", { name });
  policy.explanation = isEvaluated ? translate(policy.explanation) : REFUSED;
}

function translate(template, replacements = {}) {
  return (words[template] ?? template).replace(/{ ?([^ }]+) ?}/g, (whole, name) => replacements[name] ?? whole);
}

const TYPED = ".parts-list, .input-label, .output-label, .input-expression, .output-name, .decision-table-name, .djs-visual, .cell-editor, td.input-cell, td.output-cell, td.annotation";

export function speakChinese(pane) {
  speak(pane, dictionary(words, [[/^Remove (.+)$/, "删除“$1”"]]), { leave: TYPED });
}

export default { translate: ["value", translate] };
