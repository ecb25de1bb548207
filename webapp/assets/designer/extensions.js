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
  if (found && !given && isLast(found, name)) setPresence(services, element, type, false);
  else if (found) services.modeling.updateModdleProperties(element, found, { [name]: given });
  else if (given) add(services, element, type, { [name]: given });
}

// A declaration that says nothing any more goes; those that mean something by standing there stay.
const MEANT_BY_STANDING = new Set(["wm:Bulk", "wm:Signature", "wm:Acknowledge"]);

function isLast(found, name) {
  const own = found.$descriptor.properties.map((one) => one.name).filter((one) => found.get(one) !== undefined);
  return !MEANT_BY_STANDING.has(found.$type) && [...own, ...Object.keys(found.$attrs)].every((one) => one === name);
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

export function setRepetition(services, element, value) {
  const { modeling, bpmnFactory } = services;
  const isSequential = value === "in_turn";
  if (value && repetition(element)) {
    modeling.updateModdleProperties(element, getBusinessObject(element).loopCharacteristics, { isSequential });
    return;
  }
  if (!value) setPresence(services, element, "Signing", false); // how to count several makes no sense for one
  const loop = value ? bpmnFactory.create("bpmn:MultiInstanceLoopCharacteristics", { isSequential }) : undefined;
  modeling.updateProperties(element, { loopCharacteristics: loop });
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
