// @ts-check
/** @import { JobSettings } from "../src/server/jobs/job.ts" */
/** @import { ClientMessage, SourceDescription, WorkbenchDescription } from "../src/server/protocol.ts" */
/** @import { JobTuning } from "./tuning.js" */
import { commandLine } from "./command_line.js";
import { button, element, fill, input, select, setText } from "./elements.js";

/**
 * @typedef {object} JobFormOptions
 * @property {() => JobTuning} tuning What is set for the preview, which a job does alike.
 * @property {(message: ClientMessage) => void} send
 * @property {(text: string) => void} say Shows a short message.
 */

/** Starts a job for the source on show, with what is set. */
export class JobForm {
  #options;
  /** @type {SourceDescription | undefined} */
  #source;
  #canStart = false;

  /** @param {JobFormOptions} options */
  constructor(options) {
    this.#options = options;
    element("job-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    button("copy-command").addEventListener("click", () => void this.#copy());
    select("codec").addEventListener("change", () => this.#draw());
  }

  /** @param {WorkbenchDescription | null} workbench */
  greet(workbench) {
    this.#canStart = workbench !== null;
    const codecs = workbench?.codecs ?? [];
    fill(select("codec"), [
      ["", "as the input"],
      ...codecs.map((name) => /** @type {const} */ ([name, name])),
    ]);
    this.#draw();
  }

  /** @param {SourceDescription | undefined} source */
  show(source) {
    this.#source = source;
    this.#draw();
  }

  get settings() {
    const crf = input("crf").value.trim();
    const isLossless = select("codec").value === "ffv1";
    return {
      ...this.#options.tuning(),
      codec: /** @type {JobSettings["codec"]} */ (select("codec").value || null),
      crf: crf === "" || isLossless ? null : Number(crf),
    };
  }

  #draw() {
    const canRestore = this.#source !== undefined && this.#source.canTune && this.#source.kind !== "live";
    button("start-job").disabled = !this.#canStart || !canRestore;
    button("copy-command").disabled = !canRestore;
    input("crf").disabled = select("codec").value === "ffv1";
    setText("job-source", canRestore ? this.#source?.name ?? "" : "");
  }

  #start() {
    const source = this.#source;
    if (source === undefined || button("start-job").disabled) return;
    this.#options.send({ type: "start", source: source.id, settings: this.settings });
  }

  async #copy() {
    const text = commandLine(this.#source?.name ?? "", this.settings);
    setText("command", text);
    element("command", HTMLElement).hidden = false;
    try {
      await navigator.clipboard.writeText(text);
      this.#options.say("Copied");
    } catch {
      this.#options.say("This browser lets no page copy here: mark the command below and copy it");
    }
  }
}
