// How the editor reads and writes diagrams: with our extensions, and with the collections of multi-instances as the names of
// variables that they are for the engine. As references, which BPMN makes of them, they would be lost at saving: they name
// no element of the file.
import bpmn from "bpmn-moddle/resources/bpmn/json/bpmn.json";
import wm from "./wm.json";

const NAMES = new Set(["loopDataInputRef", "loopDataOutputRef"]);

function named(type) {
  if (type.name !== "MultiInstanceLoopCharacteristics") return type;
  const properties = type.properties.map((one) => (NAMES.has(one.name) ? { name: one.name, type: "String" } : one));
  return { ...type, properties };
}

export const packages = { bpmn: { ...bpmn, types: bpmn.types.map(named) }, wm };
