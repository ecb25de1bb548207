// What the editor asks the server. Every answer that is no success is an Error whose text says what to do.
import { said } from "../js/said.js";

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? said("暂时无法连接服务器，改动仍在本页，会自动重试。"));
    this.status = status;
    this.problem = problem ?? {};
  }
}

export function serverAt(base, csrf) {
  async function ask(path, content) {
    const options = { headers: { Accept: "application/json" } };
    if (content !== undefined) {
      options.method = "POST";
      options.body = JSON.stringify(content);
      Object.assign(options.headers, { "Content-Type": "application/json", "X-CSRFToken": csrf });
    }
    let answer;
    try {
      answer = await fetch(`${base}/${path}`, options);
    } catch {
      throw new Refused(0);
    }
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    const found = isJson ? await answer.json() : null;
    if (!answer.ok) throw new Refused(answer.status, found);
    return found;
  }
  return {
    read: () => ask("draft"),
    edit: (takeOver) => ask("edit", { take_over: takeOver }),
    leave: () => ask("leave", {}),
    save: (revision, part, key, value) => ask("save", { revision, part, key, value }),
    check: (bpmn) => ask("check", bpmn === undefined ? {} : { bpmn }),
    layOut: async (bpmn) => (await ask("layout", { bpmn })).bpmn,
    preview: (document) => ask("preview", { document }),
    comment: (element, text) => ask("comments", { element, text }),
    settle: (id) => ask(`comments/${id}/settle`, {}),
  };
}
