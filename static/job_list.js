// @ts-check
/** @import { ClientMessage, JobEntry } from "../src/server/protocol.ts" */
import { describeJob } from "./describe_job.js";
import { element } from "./elements.js";

/** @typedef {"show" | "download" | "earlier" | "later" | "cancel" | "restart" | "remove"} JobAction */

/** @type {readonly (readonly [JobAction, string])[]} */
const BUTTONS = [
  ["show", "Show"],
  ["download", "Download"],
  ["earlier", "Earlier"],
  ["later", "Later"],
  ["cancel", "Cancel"],
  ["restart", "Start again"],
  ["remove", "Remove"],
];

/**
 * @typedef {object} JobListOptions
 * @property {(message: ClientMessage) => void} send
 * @property {(id: string) => void} onShow Called when a job is to be looked at.
 */

/** The list of jobs. Rows stay while they change, so that the focus does. */
export class JobList {
  #options;
  /** @type {readonly JobEntry[]} */
  #jobs = [];
  /** Whether jobs can be changed here, not only watched. */
  canChange = false;
  /** @type {Map<string, JobRow>} */
  #rows = new Map();

  /** @param {JobListOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {readonly JobEntry[]} jobs All of them, in their order. */
  show(jobs) {
    this.#jobs = jobs;
    const list = element("jobs", HTMLElement);
    for (const [id, row] of this.#rows) {
      if (jobs.some((job) => job.id === id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    jobs.forEach((job, i) => {
      const row = this.#rows.get(job.id) ?? new JobRow(job, (action) => this.#act(job.id, action));
      this.#rows.set(job.id, row);
      row.show(job, this.#actionsFor(job));
      if (list.children[i] !== row.element) moveTo(list, row.element, i);
    });
    element("no-jobs", HTMLElement).hidden = jobs.length > 0;
  }

  /** @param {JobEntry} job @returns {readonly JobAction[]} */
  #actionsFor({ id, state, canShow, canDownload }) {
    const waiting = this.#jobs.filter((job) => job.state === "waiting");
    const place = waiting.findIndex((job) => job.id === id);
    const isOver = state !== "waiting" && state !== "running";
    /** @type {readonly (readonly [JobAction, boolean])[]} */
    const all = [
      ["show", canShow],
      ["download", canDownload],
      ["earlier", this.canChange && place > 0],
      ["later", this.canChange && place >= 0 && place < waiting.length - 1],
      ["cancel", this.canChange && !isOver],
      ["restart", this.canChange && (state === "failed" || state === "cancelled")],
      ["remove", this.canChange && isOver],
    ];
    return all.filter(([, isOffered]) => isOffered).map(([action]) => action);
  }

  /** @param {string} id @param {JobAction} action */
  #act(id, action) {
    const { send, onShow } = this.#options;
    if (action === "show") return onShow(id);
    if (action !== "earlier" && action !== "later") return send({ type: action, job: id });
    const waiting = this.#jobs.filter(({ state }) => state === "waiting").map((job) => job.id);
    const place = waiting.indexOf(id);
    const before = action === "earlier" ? waiting[place - 1] : waiting[place + 2];
    send({ type: "move", job: id, before: before ?? null });
  }
}

/** One job. */
class JobRow {
  element = document.createElement("li");
  #bar = document.createElement("progress");
  #text = document.createElement("small");
  /** @type {Map<JobAction, HTMLButtonElement>} */
  #buttons = new Map();

  /** @param {JobEntry} job @param {(action: JobAction) => void} onAction */
  constructor({ id, name }, onAction) {
    this.element.dataset.job = id;
    const title = Object.assign(document.createElement("strong"), { textContent: name });
    this.#bar.ariaLabel = `Progress of ${name}`;
    const actions = document.createElement("div");
    for (const [action, text] of BUTTONS) {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      made.dataset.action = action;
      made.ariaLabel = `${text}: ${name}`;
      made.addEventListener("click", () => onAction(action));
      this.#buttons.set(action, made);
      actions.append(made);
    }
    this.element.append(title, this.#text, this.#bar, actions);
  }

  /** @param {JobEntry} job @param {readonly JobAction[]} actions */
  show(job, actions) {
    this.element.dataset.state = job.state;
    const text = describeJob(job);
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#bar.hidden = job.state !== "running";
    this.#bar.max = job.total ?? 1;
    if (job.total === null) this.#bar.removeAttribute("value");
    else this.#bar.value = Math.min(job.done, job.total);
    const focused = document.activeElement;
    for (const [action, made] of this.#buttons) made.hidden = !actions.includes(action);
    if (!(focused instanceof HTMLButtonElement) || !focused.hidden || !this.element.contains(focused)) return;
    // The button that was pressed is gone, as "Cancel" is after it: whoever uses the keyboard stays at this job.
    [...this.#buttons.values()].find(({ hidden }) => !hidden)?.focus();
  }
}

/** @param {HTMLElement} list @param {HTMLElement} row @param {number} place */
function moveTo(list, row, place) {
  const focused = document.activeElement;
  list.insertBefore(row, list.children[place] ?? null);
  if (focused instanceof HTMLElement && row.contains(focused)) focused.focus(); // moving an element takes its focus away
}
