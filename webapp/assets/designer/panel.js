// Our groups of the properties panel, as a table: which extension element and attribute each entry edits.
import { CheckboxEntry, CheckboxGroup, SelectEntry, TextFieldEntry, isCheckboxEntryEdited, isSelectEntryEdited, isTextFieldEntryEdited } from "@bpmn-io/properties-panel";
import { useEffect } from "@bpmn-io/properties-panel/preact/hooks";
import { useService } from "bpmn-js-properties-panel";
import { is } from "bpmn-js/lib/util/ModelUtil";
import { attributeOf, extensionOf, loopVariable, repetition, setAttribute, setLoopVariable, setPresence, setRepetition } from "./extensions.js";

const VARIABLES = "wm-variables"; // the list of what cases hold from the start, offered while one types

const task = (element) => is(element, "bpmn:UserTask");
const text = (type, name, label, hint) => ({ kind: "text", type, name, label, hint });
const variable = (type, name, label, hint) => ({ ...text(type, name, label, hint), suggests: VARIABLES });
const choice = (type, name, label, options, hint) => ({ kind: "choice", type, name, label, options, hint });
const mark = (type, label, hint) => ({ kind: "mark", type, label, hint });
const roles = (type, name, label) => ({ kind: "roles", type, name, label });

const loop = (name, label, hint) => ({
  ...text("loop", name, label, hint && (() => hint)),
  read: (element) => loopVariable(element, name),
  write: (services, element, value) => setLoopVariable(services, element, name, value),
});
const many = {
  ...choice("loop", "isSequential", "几个人办", () => [["", "一个人办"], ["together", "几个人同时办（会签、或签）"], ["in_turn", "几个人依次办"]], () => "选了几个人办，再填下面的名单和规则"),
  read: repetition,
  write: setRepetition,
};
const isSeveral = (element) => is(element.businessObject.loopCharacteristics ?? element, "bpmn:MultiInstanceLoopCharacteristics");

const STATUSES = [["completed", "办结"], ["withdrawn", "撤回"], ["cancelled", "取消"]];
const yesNo = () => [["", "（按默认）"], ["true", "是"], ["false", "否"]];

const GROUPS = [
  { id: "people", label: "办理人", when: (element) => task(element) || is(element, "bpmn:Lane") || is(element, "bpmn:SubProcess"), entries: [
    roles("Assignment", "roles", "角色"),
    variable("Assignment", "region", "地区（变量）", () => "办件数据里保存地区代码的变量，如 county_region，可从列表中选。地区、单位、人员填一项"),
    variable("Assignment", "organisation", "单位（变量）"),
    variable("Assignment", "person", "人员（变量）"),
    text("Assignment", "persons", "至少人数"),
    text("Assignment", "exclude", "回避", () => "unit：被评单位的人；acted:环节标识：办过该环节的人。多个用空格隔开"),
  ] },
  { id: "form", label: "表单", when: task, entries: [
    choice("Form", "key", "表单", (words) => words.forms.map((key) => [key, key]), () => "在“表单”页里新建和修改"),
  ] },
  { id: "deadline", label: "办理期限（只填一项）", when: task, entries: [
    text("Deadline", "working_days", "工作日", () => "天数，或保存天数的变量"),
    text("Deadline", "calendar_days", "日历日"),
    text("Deadline", "date", "日期", () => "带引号的日期如 '2026-12-31'，或保存日期的变量"),
    text("Deadline", "end_of_day", "某日终了"),
    text("Deadline", "before", "某日前"),
    text("Deadline", "phase_end", "批次阶段截止日", () => "批次里的阶段，如 window_end；填了它就不填以上各项"),
    choice("Deadline", "on_return", "退回后再办", () => [["", "接着计时"], ["restart", "重新计时"]]),
    choice("Deadline", "office_hours", "到下班为止", yesNo),
  ] },
  { id: "reminders", label: "提醒和上报", when: task, entries: [
    text("Reminders", "before", "到期前几个工作日提醒", () => "如 5 3 1"),
    choice("Reminders", "on_day", "到期当天提醒", yesNo),
    text("Reminders", "escalate_after", "逾期几个工作日上报", () => "0 表示不上报"),
    text("Reminders", "repeat_every", "再次上报间隔（工作日）", () => "0 表示只报一次"),
  ] },
  { id: "overdue", label: "到期以后", when: task, entries: [
    choice("Overdue", "act", "到期时", () => [["", "（只发通知）"], ["mail", "只发通知"], ["hand_over", "转给别人办理"], ["decide", "由系统作出结果"]]),
    text("Overdue", "after", "逾期几个工作日之后", () => "0 表示期限一过"),
    roles("Overdue", "roles", "转给：角色"),
    variable("Overdue", "region", "转给：地区（变量）"),
    variable("Overdue", "organisation", "转给：单位（变量）"),
    variable("Overdue", "person", "转给：人员（变量）"),
    text("Overdue", "persons", "转给：至少人数"),
    text("Overdue", "outcome", "由系统作出的结果", () => "表单中“办理结果”字段的一个值"),
  ] },
  { id: "several", label: "几个人办", when: (element) => task(element) || is(element, "bpmn:SubProcess"), entries: [many] },
  { id: "signers", label: "会签名单（多实例）", when: isSeveral, entries: [
    loop("loopDataInputRef", "名单（变量）", "保存名单的变量，每人（或每个部门）一份"),
    loop("inputDataItem", "每份的成员（变量）"),
    loop("loopDataOutputRef", "结果列表（变量）"),
    loop("outputDataItem", "单项结果（变量）"),
  ] },
  { id: "signing", label: "会签规则", when: isSeveral, entries: [
    choice("Signing", "rule", "规则", () => [["", "（未设置）"], ["all", "会签：全部同意"], ["any", "或签：一人即可"], ["ratio", "按比例"]]),
    text("Signing", "ratio", "比例", () => "如 2/3"),
    text("Signing", "outcome", "各人结果的变量"),
    text("Signing", "approve", "算同意的结果", () => "多个用空格隔开，如 pass"),
    text("Signing", "result", "会签结论的变量"),
    choice("Signing", "hear_all", "等所有人表态", yesNo),
  ] },
  { id: "handling", label: "办理方式", when: task, entries: [
    mark("Bulk", "可以批量办理"),
    text("Bulk", "outcomes", "只有这些结果可以批量", () => "多个用空格隔开，如 pass；不写表示全部结果都可以。填写后即允许批量"),
    mark("Signature", "要求手写签名"),
    text("Signature", "field", "保存签名的字段", () => "表单里只收一张图片的文件字段的键，不写为 signature。填写后即要求签名"),
    mark("Acknowledge", "可以凭邮件链接确认", () => "只用于知悉类环节"),
  ] },
  { id: "copies", label: "办结后抄送", when: task, entries: [
    roles("Cc", "roles", "抄送：角色"),
    variable("Cc", "region", "抄送：地区（变量）", () => "地区、单位、人员填一项"),
    variable("Cc", "organisation", "抄送：单位（变量）"),
    variable("Cc", "person", "抄送：人员（变量）"),
  ] },
  { id: "service", label: "服务", when: (element) => is(element, "bpmn:ServiceTask"), entries: [
    choice("Service", "name", "服务", (words) => words.services.map((one) => [one.name, one.name]), describeService),
    text("Service", "result", "结果变量"),
  ] },
  { id: "decision", label: "决策表", when: (element) => is(element, "bpmn:BusinessRuleTask"), entries: [
    choice("Decision", "ref", "决策表", (words) => words.tables.map((key) => [key, key]), () => "在“决策表”页里新建和修改"),
  ] },
  { id: "outcome", label: "办件结果", when: (element) => is(element, "bpmn:EndEvent") && is(element.businessObject.$parent, "bpmn:Process"), entries: [
    choice("Outcome", "status", "状态", () => [["", "（未设置）"], ...STATUSES]),
    text("Outcome", "value", "结果代码"),
    text("Outcome", "name", "结果名称"),
  ] },
  { id: "clock", label: "整个流程的时限", when: (element) => is(element, "bpmn:Process") || is(element, "bpmn:Participant"), entries: [
    text("Clock", "working_days", "总时限（工作日）"),
    text("Clock", "pauses", "暂停计时的环节", () => "环节标识，用空格隔开"),
  ] },
];

function describeService(words, element) {
  const name = attributeOf(element, "Service", "name");
  return words.services.find((one) => one.name === name)?.description ?? "从已登记的服务中选择";
}

function Entry({ element, id, entry, words }) {
  const services = { modeling: useService("modeling"), bpmnFactory: useService("bpmnFactory"), commandStack: useService("commandStack") };
  const debounce = useService("debounceInput");
  useEffect(() => entry.suggests && document.getElementById(`bio-properties-panel-${id}`)?.setAttribute("list", entry.suggests), [id, element]);
  const common = { element, id, label: entry.label, description: entry.hint?.(words, element) };
  if (entry.kind === "mark") {
    return CheckboxEntry({ ...common, getValue: () => Boolean(extensionOf(element, entry.type)), setValue: (on) => setPresence(services, element, entry.type, on) });
  }
  const getValue = () => (entry.read ? entry.read(element) : attributeOf(element, entry.type, entry.name)) ?? "";
  const setValue = (value) =>
    entry.write ? entry.write(services, element, value) : setAttribute(services, element, entry.type, entry.name, value);
  if (entry.kind === "text") return TextFieldEntry({ ...common, getValue, setValue, debounce });
  if (entry.kind === "roles") {
    const chosen = getValue().split(/\s+/).filter(Boolean);
    const unknown = chosen.filter((one) => words.roles.every(({ value }) => value !== one)).map((one) => ({ value: one, label: `${one}（没有这个角色）` }));
    return CheckboxGroup({ ...common, options: [...words.roles, ...unknown], getValue: () => chosen, setValue: (now) => setValue(now.join(" ")) });
  }
  const known = entry.options(words);
  const now = getValue();
  const offered = known.some(([value]) => value === now) ? known : [[now, now || "（未选择）"], ...known];
  return SelectEntry({ ...common, getValue, setValue, getOptions: () => offered.map(([value, label]) => ({ value, label })) });
}

const EDITED = { text: isTextFieldEntryEdited, choice: isSelectEntryEdited, mark: isCheckboxEntryEdited, roles: isCheckboxEntryEdited };

function entriesOf(group, element, words) {
  const service = group.id === "service" ? words.services.find((one) => one.name === attributeOf(element, "Service", "name")) : null;
  const parameters = [...(service?.required ?? []).map((name) => [name, `${name}（必填）`]), ...(service?.optional ?? []).map((name) => [name, name])];
  const more = parameters.map(([name, label]) => text("Service", name, label, () => "表达式，如 unit_id"));
  return [...group.entries, ...more].map((entry) => ({
    id: `wm-${entry.type}-${entry.name ?? "mark"}`,
    element,
    entry,
    words,
    component: Entry,
    isEdited: EDITED[entry.kind],
  }));
}

function offerVariables(variables) {
  const list = Object.assign(document.createElement("datalist"), { id: VARIABLES });
  list.append(...variables.map(({ value, label }) => Object.assign(document.createElement("option"), { value, label })));
  document.body.append(list);
}

class Provider {
  static $inject = ["propertiesPanel", "config.vocabulary"];

  constructor(propertiesPanel, words) {
    this.words = words;
    offerVariables(words.variables);
    propertiesPanel.registerProvider(400, this);
  }

  getGroups(element) {
    const ours = GROUPS.filter((group) => group.when(element)).map((group) => ({
      id: `wm-${group.id}`,
      label: group.label,
      entries: entriesOf(group, element, this.words),
      shouldOpen: !["reminders", "overdue", "copies"].includes(group.id),
    }));
    return (groups) => [...groups, ...ours];
  }
}

export default { __init__: ["wenmingProperties"], wenmingProperties: ["type", Provider] };
