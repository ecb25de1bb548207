// The form editor in Chinese. It has no dictionary of its own, so its texts are replaced where it draws them; what its
// components begin with (labels, options, columns) is Chinese from the start, because it becomes part of the form.
import flatpickr from "flatpickr";
import { Mandarin } from "flatpickr/dist/esm/l10n/zh.js";
import { isChinese, said } from "../js/said.js";
import words from "./chinese_forms.json";
import { dictionary, speak } from "./wording.js";

const PATTERNS = [
  [/^Create (?:an? )?(.+) element$/, "添加“$1”"],
  [/^Remove (.+)$/, "删除“$1”"],
  [/^List contains (\d+) items?$/, "共 $1 项"],
  [/^Maximum (\d+) columns are allowed$/, "最多 $1 列"],
  [/^Minimum (\d+) columns are allowed$/, "最少 $1 列"],
  [/^Maximum (\d+) fields per row are allowed$/, "一行最多放 $1 项"],
  [/^New value exceeds the maximum of (\d+) columns per row$/, "一行最多 $1 列"],
  [/^Should be at least (.+?)\.?$/, "不能小于 $1。"],
  [/^Should be at most (.+?)\.?$/, "不能大于 $1。"],
  [/^Should not contain more than (\d+) decimal digits\.?$/, "最多 $1 位小数。"],
  [/^Form Variable '(.+)' is already used.*$/, "“$1”已被使用。"],
  [/^(\d+) files selected$/, "已选 $1 个文件"],
];
// Where this platform differs from what the library says; an English page has to know it as well.
const OUR_PROPERTIES = said("outcome=true：这是办理结果；validator：校验（uscc、mobile、phone、email、document_number、chinese_date、ratio）；example：示例；choices：选项取自办件的变量；variable：引擎里的变量名；min_choices、max_choices、min_rows、max_rows：最少、最多几项。");
const OURS = {
  "Add properties directly to the form schema, useful to configure functionality in custom-built task applications and form renderers.": OUR_PROPERTIES,
  "Add properties directly to the form schema, useful to configure functionality in custom built task applications and form renderers.": OUR_PROPERTIES,
  '"Expression" defines options that are populated from a FEEL expression.': said("“计算值”：本平台不支持用表达式给出选项。"),
  "Define an expression to populate the options from.": said("给出选项的表达式（本平台不支持）。"),
  "Specify an expression to populate column items": said("给出列的表达式（本平台不支持）"),
  "Supports HTML, styling, and templating. Styles are automatically scoped to the HTML component.": said("可以用 HTML，并用 {{变量}} 引用答案；样式和脚本会被去掉。"),
  "These options can incur security risks, especially if used in combination with dynamic links. Ensure that you are aware of them, that you trust the source url and only enable what your use case requires.": said("这些选项有安全风险，本平台不支持网页框。"),
};
const CANVAS = ".fjs-editor-container .fjs-form-container, .fjs-form";
const TYPED = `${CANVAS}, .bio-properties-panel-header-label, .bio-properties-panel-collapsible-entry-header-title, .parts-list, .parts-preview`;
const DRAWN = ".fjs-select-placeholder, .fjs-repeat-render-footer, .fjs-empty-editor, .fjs-empty-component, .fjs-form-field-placeholder, .fjs-filepicker-container, .fjs-context-pad, .flatpickr-calendar, .fjs-table-empty-row, .fjs-table-body, .fjs-table-nav, .fjs-powered-by-lightbox";

export function speakChinese(pane) {
  if (isChinese) flatpickr.localize({ ...Mandarin, monthAriaLabel: "月", yearAriaLabel: "年", hourAriaLabel: "时", minuteAriaLabel: "分" });
  speak(pane, dictionary(words, PATTERNS, OURS), { leave: TYPED, within: DRAWN });
}

const BEGUN = {
  datetime: (made) => ({ ...made, ...(made.dateLabel === "Date" && { dateLabel: "日期" }) }),
  table: (made) => ({ ...made, columns: made.columns?.map((one) => ({ ...one, label: { ID: "序号", Name: "名称", Date: "日期" }[one.label] ?? one.label })) }),
  text: (made) => ({ ...made, ...(made.text === "# Text" && { text: "### 说明" }) }),
};

function chosen(made) {
  return made.values ? { ...made, values: made.values.map(named) } : made;
}

function named(option) {
  const number = option.label?.match(/^Value ?(\d*)$/)?.[1];
  return number === undefined ? option : { ...option, label: `选项${number || 1}` };
}

class ChineseFields {
  static $inject = ["formFields", "eventBus"];

  constructor(formFields, eventBus) {
    for (const [type, Field] of Object.entries(formFields._formFields)) {
      if (Field.config?.name || Field.config?.label) formFields.register(type, renamed(type, Field));
    }
    eventBus.on("commandStack.formField.edit.preExecute", 2000, ({ context }) => {
      context.properties = inChinese(context.properties);
    });
  }
}

function renamed(type, Field) {
  const name = words[Field.config.name ?? Field.config.label];
  const create = (options = {}, isNew) => {
    const made = Field.config.create(options, isNew);
    const label = isNew && "label" in made && !("label" in options) ? { label: name } : {};
    return isNew ? chosen((BEGUN[type] ?? ((one) => one))({ ...made, ...label })) : made;
  };
  return Object.assign(Field.bind(null), Field, { config: { ...Field.config, name, ...(Field.config.label && { label: name }), create } });
}

function inChinese(properties) {
  const { dateLabel, timeLabel, values, columns } = properties;
  const changed = { ...properties };
  if (dateLabel === "Date") changed.dateLabel = "日期";
  if (timeLabel === "Time") changed.timeLabel = "时间";
  if (Array.isArray(values)) changed.values = values.map(named);
  if (Array.isArray(columns)) changed.columns = columns.map((one) => (one.label === "Column" ? { ...one, label: "列" } : one));
  return changed;
}

export default isChinese ? { __init__: ["chineseFields"], chineseFields: ["type", ChineseFields] } : {};
