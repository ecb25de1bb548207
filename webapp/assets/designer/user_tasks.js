// What people add is nearly always a step for people: the pad beside an element and the palette make user tasks at once.

import { said } from "../js/said.js";

const USER_TASK = { type: "bpmn:UserTask" };
const LABEL = said("添加人工任务");

class UserTasks {
  static $inject = ["contextPad", "palette", "create", "elementFactory", "autoPlace"];

  constructor(contextPad, palette, create, elementFactory, autoPlace) {
    Object.assign(this, { create, elementFactory, autoPlace });
    contextPad.registerProvider(500, this);
    palette.registerProvider(500, this);
  }

  getContextPadEntries(element) {
    const drag = (event) => this.create.start(event, this.elementFactory.createShape({ ...USER_TASK }), { source: element });
    const click = () => this.autoPlace.append(element, this.elementFactory.createShape({ ...USER_TASK }));
    return (entries) => this.#replaced(entries, "append.append-task", { dragstart: drag, click });
  }

  getPaletteEntries() {
    const start = (event) => this.create.start(event, this.elementFactory.createShape({ ...USER_TASK }));
    return (entries) => this.#replaced(entries, "create.task", { dragstart: start, click: start });
  }

  #replaced(entries, name, action) {
    if (entries[name]) Object.assign(entries[name], { className: "bpmn-icon-user-task", title: LABEL, action });
    return entries;
  }
}

export default { __init__: ["userTasks"], userTasks: ["type", UserTasks] };
