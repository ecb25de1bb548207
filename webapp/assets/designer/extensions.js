// Our extension elements of a BPMN element: read one, and change it as one step of the command stack, so that it can be undone.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

function holderOf(element) {
  const object = getBusinessObject(element);
  return is(element, "bpmn:Participant") ? object.processRef : object;
}

export function extensionOf(element, type) {
  return holderOf(element)?.extensionElements?.get("values").find((one) => one.$type === `wm:${type}`);
}

export function attributeOf(element, type, name) {
  const found = extensionOf(element, type);
  return found?.get(name) ?? found?.$attrs?.[name];
}

export function setAttribute(services, element, type, name, value) {
  const found = extensionOf(element, type);
  const given = value || undefined;
  if (found) services.modeling.updateModdleProperties(element, found, { [name]: given });
  else if (given) add(services, element, type, { [name]: given });
}

export function setPresence(services, element, type, on) {
  const found = extensionOf(element, type);
  if (on && !found) add(services, element, type, {});
  if (!on && found) {
    const holder = holderOf(element).extensionElements;
    services.modeling.updateModdleProperties(element, holder, { values: holder.get("values").filter((one) => one !== found) });
  }
}

const ITEMS = { inputDataItem: "bpmn:DataInput", outputDataItem: "bpmn:DataOutput" };

export function loopVariable(element, name) {
  const found = getBusinessObject(element).loopCharacteristics?.get(name);
  return name in ITEMS ? found?.id : found;
}

export function setLoopVariable({ modeling, bpmnFactory }, element, name, value) {
  const loop = getBusinessObject(element).loopCharacteristics;
  let given = value || undefined;
  if (given && name in ITEMS) {
    given = bpmnFactory.create(ITEMS[name], { id: value });
    given.$parent = loop;
  }
  modeling.updateModdleProperties(element, loop, { [name]: given });
}

export function repetition(element) {
  const loop = getBusinessObject(element).loopCharacteristics;
  if (!loop || !is(loop, "bpmn:MultiInstanceLoopCharacteristics")) return "";
  return loop.isSequential ? "in_turn" : "together";
}

export function setRepetition({ modeling, bpmnFactory }, element, value) {
  const object = getBusinessObject(element);
  const isSequential = value === "in_turn";
  if (value && repetition(element)) modeling.updateModdleProperties(element, object.loopCharacteristics, { isSequential });
  else modeling.updateProperties(element, { loopCharacteristics: value ? bpmnFactory.create("bpmn:MultiInstanceLoopCharacteristics", { isSequential }) : undefined });
}

function add({ modeling, bpmnFactory }, element, type, attributes) {
  const object = holderOf(element);
  const made = bpmnFactory.create(`wm:${type}`, attributes);
  if (object.extensionElements) {
    made.$parent = object.extensionElements;
    modeling.updateModdleProperties(element, object.extensionElements, { values: [...object.extensionElements.get("values"), made] });
  } else {
    const holder = bpmnFactory.create("bpmn:ExtensionElements", { values: [made] });
    holder.$parent = object;
    made.$parent = holder;
    modeling.updateModdleProperties(element, object, { extensionElements: holder });
  }
}
