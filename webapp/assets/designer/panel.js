// Our groups of the properties panel, as a table: which extension element and attribute each entry edits.
import { CheckboxEntry, CheckboxGroup, SelectEntry, TextFieldEntry, isCheckboxEntryEdited, isSelectEntryEdited, isTextFieldEntryEdited } from "@bpmn-io/properties-panel";
import { useEffect } from "@bpmn-io/properties-panel/preact/hooks";
import { useService } from "bpmn-js-properties-panel";
import { is } from "bpmn-js/lib/util/ModelUtil";
import { said } from "../js/said.js";
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
  ...choice("loop", "isSequential", said("几个人办"), () => [["", said("一个人办")], ["together", said("几个人同时办（会签、或签）")], ["in_turn", said("几个人依次办")]], () => said("选了几个人办，再填下面的名单和规则")),
  read: repetition,
  write: setRepetition,
};
const isSeveral = (element) => is(element.businessObject.loopCharacteristics ?? element, "bpmn:MultiInstanceLoopCharacteristics");

const STATUSES = [["completed", said("办结")], ["withdrawn", said("撤回")], ["cancelled", said("取消")]];
const yesNo = () => [["", said("（按默认）")], ["true", said("是")], ["false", said("否")]];

const GROUPS = [
  { id: "people", label: said("办理人"), when: (element) => task(element) || is(element, "bpmn:Lane") || is(element, "bpmn:SubProcess"), entries: [
    roles("Assignment", "roles", said("角色")),
    variable("Assignment", "region", said("地区（变量）"), () => said("办件数据里保存地区代码的变量，如 county_region，可从列表中选。地区、单位、人员填一项")),
    variable("Assignment", "organisation", said("单位（变量）")),
    variable("Assignment", "person", said("人员（变量）")),
    text("Assignment", "persons", said("至少人数")),
    text("Assignment", "exclude", said("回避"), () => said("unit：被评单位的人；acted:环节标识：办过该环节的人。多个用空格隔开")),
  ] },
  { id: "form", label: said("表单"), when: task, entries: [
    choice("Form", "key", said("表单"), (words) => words.forms.map((key) => [key, key]), () => said("在“表单”页里新建和修改")),
  ] },
  { id: "deadline", label: said("办理期限（只填一项）"), when: task, entries: [
    text("Deadline", "working_days", said("工作日"), () => said("天数，或保存天数的变量")),
    text("Deadline", "calendar_days", said("日历日")),
    text("Deadline", "date", said("日期"), () => said("带引号的日期如 '2026-12-31'，或保存日期的变量")),
    text("Deadline", "end_of_day", said("某日终了")),
    text("Deadline", "before", said("某日前")),
    text("Deadline", "phase_end", said("批次阶段截止日"), () => said("批次里的阶段，如 window_end；填了它就不填以上各项")),
    choice("Deadline", "on_return", said("退回后再办"), () => [["", said("接着计时")], ["restart", said("重新计时")]]),
    choice("Deadline", "office_hours", said("到下班为止"), yesNo),
  ] },
  { id: "reminders", label: said("提醒和上报"), when: task, entries: [
    text("Reminders", "before", said("到期前几个工作日提醒"), () => said("如 5 3 1")),
    choice("Reminders", "on_day", said("到期当天提醒"), yesNo),
    text("Reminders", "escalate_after", said("逾期几个工作日上报"), () => said("0 表示不上报")),
    text("Reminders", "repeat_every", said("再次上报间隔（工作日）"), () => said("0 表示只报一次")),
  ] },
  { id: "overdue", label: said("到期以后"), when: task, entries: [
    choice("Overdue", "act", said("到期时"), () => [["", said("（只发通知）")], ["mail", said("只发通知")], ["hand_over", said("转给别人办理")], ["decide", said("由系统作出结果")]]),
    text("Overdue", "after", said("逾期几个工作日之后"), () => said("0 表示期限一过")),
    roles("Overdue", "roles", said("转给：角色")),
    variable("Overdue", "region", said("转给：地区（变量）")),
    variable("Overdue", "organisation", said("转给：单位（变量）")),
    variable("Overdue", "person", said("转给：人员（变量）")),
    text("Overdue", "persons", said("转给：至少人数")),
    text("Overdue", "outcome", said("由系统作出的结果"), () => said("表单中“办理结果”字段的一个值")),
  ] },
  { id: "several", label: said("几个人办"), when: (element) => task(element) || is(element, "bpmn:SubProcess"), entries: [many] },
  { id: "signers", label: said("会签名单（多实例）"), when: isSeveral, entries: [
    loop("loopDataInputRef", said("名单（变量）"), said("保存名单的变量，每人（或每个部门）一份")),
    loop("inputDataItem", said("每份的成员（变量）")),
    loop("loopDataOutputRef", said("结果列表（变量）")),
    loop("outputDataItem", said("单项结果（变量）")),
  ] },
  { id: "signing", label: said("会签规则"), when: isSeveral, entries: [
    choice("Signing", "rule", said("规则"), () => [["", said("（未设置）")], ["all", said("会签：全部同意")], ["any", said("或签：一人即可")], ["ratio", said("按比例")]]),
    text("Signing", "ratio", said("比例"), () => said("如 2/3")),
    text("Signing", "outcome", said("各人结果的变量")),
    text("Signing", "approve", said("算同意的结果"), () => said("多个用空格隔开，如 pass")),
    text("Signing", "result", said("会签结论的变量")),
    choice("Signing", "hear_all", said("等所有人表态"), yesNo),
  ] },
  { id: "handling", label: said("办理方式"), when: task, entries: [
    mark("Bulk", said("可以批量办理")),
    text("Bulk", "outcomes", said("只有这些结果可以批量"), () => said("多个用空格隔开，如 pass；不写表示全部结果都可以。填写后即允许批量")),
    mark("Signature", said("要求手写签名")),
    text("Signature", "field", said("保存签名的字段"), () => said("表单里只收一张图片的文件字段的键，不写为 signature。填写后即要求签名")),
    mark("Acknowledge", said("可以凭邮件链接确认"), () => said("只用于知悉类环节")),
  ] },
  { id: "copies", label: said("办结后抄送"), when: task, entries: [
    roles("Cc", "roles", said("抄送：角色")),
    variable("Cc", "region", said("抄送：地区（变量）"), () => said("地区、单位、人员填一项")),
    variable("Cc", "organisation", said("抄送：单位（变量）")),
    variable("Cc", "person", said("抄送：人员（变量）")),
  ] },
  { id: "service", label: said("服务"), when: (element) => is(element, "bpmn:ServiceTask"), entries: [
    choice("Service", "name", said("服务"), (words) => words.services.map((one) => [one.name, one.name]), describeService),
    text("Service", "result", said("结果变量")),
  ] },
  { id: "decision", label: said("决策表"), when: (element) => is(element, "bpmn:BusinessRuleTask"), entries: [
    choice("Decision", "ref", said("决策表"), (words) => words.tables.map((key) => [key, key]), () => said("在“决策表”页里新建和修改")),
  ] },
  { id: "outcome", label: said("办件结果"), when: (element) => is(element, "bpmn:EndEvent") && is(element.businessObject.$parent, "bpmn:Process"), entries: [
    choice("Outcome", "status", said("状态"), () => [["", said("（未设置）")], ...STATUSES]),
    text("Outcome", "value", said("结果代码")),
    text("Outcome", "name", said("结果名称")),
  ] },
  { id: "clock", label: said("整个流程的时限"), when: (element) => is(element, "bpmn:Process") || is(element, "bpmn:Participant"), entries: [
    text("Clock", "working_days", said("总时限（工作日）")),
    text("Clock", "pauses", said("暂停计时的环节"), () => said("环节标识，用空格隔开")),
  ] },
];

function describeService(words, element) {
  const name = attributeOf(element, "Service", "name");
  return words.services.find((one) => one.name === name)?.description ?? said("从已登记的服务中选择");
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
    const unknown = chosen.filter((one) => words.roles.every(({ value }) => value !== one)).map((one) => ({ value: one, label: said("{role}（没有这个角色）", { role: one }) }));
    return CheckboxGroup({ ...common, options: [...words.roles, ...unknown], getValue: () => chosen, setValue: (now) => setValue(now.join(" ")) });
  }
  const known = entry.options(words);
  const now = getValue();
  const offered = known.some(([value]) => value === now) ? known : [[now, now || said("（未选择）")], ...known];
  return SelectEntry({ ...common, getValue, setValue, getOptions: () => offered.map(([value, label]) => ({ value, label })) });
}

const EDITED = { text: isTextFieldEntryEdited, choice: isSelectEntryEdited, mark: isCheckboxEntryEdited, roles: isCheckboxEntryEdited };

function entriesOf(group, element, words) {
  const service = group.id === "service" ? words.services.find((one) => one.name === attributeOf(element, "Service", "name")) : null;
  const parameters = [...(service?.required ?? []).map((name) => [name, said("{name}（必填）", { name })]), ...(service?.optional ?? []).map((name) => [name, name])];
  const more = parameters.map(([name, label]) => text("Service", name, label, () => said("表达式，如 unit_id")));
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
