// The draft in this window: one save after the other, each on the revision that the last answer named. What could not
// be saved stays marked as changed and is tried again; when somebody else has taken over, saving stops and says so.
const PAUSE = 1500;
const ALIVE = 60000;

export class Draft extends EventTarget {
  #server;
  #waiting = new Map(); // "part key" → function that gives the value now
  #timer = null;
  #saving = null;

  constructor(server, state) {
    super();
    this.#server = server;
    this.state = state;
    this.trouble = ""; // why the last change could not be saved, until one can
    setInterval(() => this.state.is_mine && this.edit().catch((error) => error.status === 409 && this.#refused(error)), ALIVE);
  }

  get isMine() {
    return this.state.is_mine && this.state.may_edit;
  }

  get isSaved() {
    return this.#waiting.size === 0 && !this.#saving;
  }

  async edit(takeOver = false) {
    const state = await this.#server.edit(takeOver);
    if (!this.isMine) this.trouble = "";
    this.#became(state);
  }

  async leave() {
    await this.flush();
    await this.#server.leave();
    this.#became({ ...this.state, is_mine: false, editor: null });
  }

  changed(part, key, value) {
    if (!this.isMine) return;
    this.#waiting.set(`${part} ${key}`, { part, key, value });
    this.dispatchEvent(new CustomEvent("changed", { detail: { part, key, value } }));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE);
  }

  async flush() {
    clearTimeout(this.#timer);
    while (this.#saving) await this.#saving;
    if (this.#waiting.size === 0) return;
    this.#saving = this.#saveAll();
    await this.#saving;
    this.#saving = null;
    this.#tell("state");
  }

  async #saveAll() {
    for (const [name, { part, key, value }] of [...this.#waiting]) {
      this.#waiting.delete(name);
      try {
        const state = await this.#server.save(this.state.revision, part, key, await value());
        this.trouble = "";
        this.#became(state);
        this.#tell("saved");
      } catch (error) {
        if (!this.#waiting.has(name)) this.#waiting.set(name, { part, key, value });
        this.#refused(error);
        return;
      }
    }
  }

  #refused(error) {
    if (error.status === 409) this.#became({ ...this.state, is_mine: false });
    else if (error.status !== 422) this.#timer = setTimeout(() => this.flush(), PAUSE * 6);
    this.trouble = error.message;
    this.#tell("state");
  }

  #became(state) {
    this.state = { ...this.state, ...state };
    this.#tell("state");
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
