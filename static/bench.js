// @ts-check
/** @import { JobEntry, ServerMessage, SourceDescription } from "../src/server/protocol.ts" */
/** @import { Connection } from "./connection.js" */
/** @import { JobTuning } from "./tuning.js" */
import { button, element } from "./elements.js";
import { JobForm } from "./job_form.js";
import { JobList } from "./job_list.js";
import { recall, remember } from "./remembered.js";
import { UploadList } from "./upload_list.js";

/**
 * @typedef {object} BenchOptions
 * @property {Connection} connection
 * @property {() => JobTuning} tuning
 * @property {(id: string) => void} open Shows a source or a job.
 * @property {(text: string) => void} say Shows a short message.
 */

/** The side of the page where work is done: files that are sent, the form that starts a job, the list of jobs. */
export class Bench {
  #uploads;
  #form;
  #jobs;
  #isOffered = false;

  /** @param {BenchOptions} options */
  constructor({ connection, tuning, open, say }) {
    /** @param {Parameters<Connection["send"]>[0]} message */
    const send = (message) => connection.send(message);
    this.#uploads = new UploadList({
      request: (file) => connection.upload(file),
      fetch: (path) => connection.fetch(path),
      onReceived: open,
    });
    this.#form = new JobForm({ tuning, send, say });
    this.#jobs = new JobList({ send, onShow: open });
    button("show-bench").addEventListener("click", () => {
      const isOpen = button("show-bench").getAttribute("aria-expanded") !== "true";
      remember({ bench: isOpen });
      this.#show(isOpen);
      if (isOpen) element("bench", HTMLElement).focus({ preventScroll: false });
    });
  }

  /** @param {Extract<ServerMessage, { type: "hello" }>} hello */
  greet({ mode, workbench }) {
    this.#isOffered = workbench !== null || mode === "job";
    this.#uploads.limit = workbench?.uploadLimit ?? 0;
    this.#jobs.canChange = workbench !== null;
    this.#form.greet(workbench);
    element("add-files", HTMLElement).hidden = workbench === null;
    element("job-form", HTMLElement).hidden = mode !== "files";
    button("show-bench").hidden = !this.#isOffered;
    const isWide = matchMedia("(min-width: 1100px)").matches;
    this.#show(this.#isOffered && (recall("bench") ?? isWide) && isWide);
  }

  /** @param {readonly JobEntry[]} jobs */
  showJobs(jobs) {
    this.#jobs.show(jobs);
    const open = jobs.filter(({ state }) => state === "waiting" || state === "running").length;
    element("job-count", HTMLElement).textContent = open > 0 ? String(open) : "";
    element("job-count", HTMLElement).hidden = open === 0;
  }

  /** @param {SourceDescription | undefined} source */
  showSource(source) {
    this.#form.show(source);
  }

  /** @param {boolean} isOpen */
  #show(isOpen) {
    document.body.toggleAttribute("data-bench", isOpen);
    element("bench", HTMLElement).hidden = !isOpen;
    button("show-bench").setAttribute("aria-expanded", String(isOpen));
  }
}
