// What the check says: a list under the canvas, a mark on each element; a click leads there.
import { said } from "../js/said.js";

const WORDS = { error: said("错误"), warning: said("提醒"), info: said("说明") };

export class Problems {
  constructor(root, { go }) {
    this.list = root.querySelector("[data-problems]");
    this.count = root.querySelector("[data-problem-count]");
    this.go = go;
    this.found = [];
  }

  say(words) {
    this.count.textContent = words;
  }

  show(found) {
    this.found = found;
    const errors = found.filter((one) => one.severity === "error").length;
    const counts = { errors, warnings: found.length - errors };
    this.say(found.length ? said("{errors} 个错误，{warnings} 个提醒", counts) : said("没有问题"));
    this.list.replaceChildren(...found.map((one) => this.#line(one)));
  }

  #line(problem) {
    const line = document.createElement("li");
    line.className = `problem problem-${problem.severity}`;
    const button = document.createElement("button");
    button.type = "button";
    const tag = document.createElement("span");
    tag.className = "problem-tag";
    tag.textContent = WORDS[problem.severity];
    button.append(tag, problem.message);
    button.addEventListener("click", () => this.go(problem.element));
    line.append(button);
    return line;
  }
}
