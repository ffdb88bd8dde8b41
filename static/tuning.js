// @ts-check
/** @import { ClientMessage, Settings } from "../src/server/protocol.ts" */
/** @typedef {Extract<ClientMessage, { type: "settings" }>} SettingsMessage */
/** @typedef {Pick<Settings, "preset" | "device" | "detail" | "everywhere" | "range" | "crop">} JobTuning What a job does as the preview shows it. */

/**
 * What is set for preview and jobs: what the server said last, and over it what was changed since and not answered yet, so that
 * a job that is started right after a change has it, and no older answer takes it back.
 */
export class Tuning {
  /** @type {JobTuning} */
  #known = { preset: "", device: "auto", detail: 1, everywhere: false, range: null, crop: null };
  /** @type {Partial<JobTuning>} */
  #changes = {};
  /** Messages that are not answered; each is, with all settings, but not always in their order. */
  #unanswered = 0;

  /** What is set, answered or not. */
  get now() {
    return { ...this.#known, ...this.#changes };
  }

  /** What the server said last. */
  get known() {
    return this.#known;
  }

  /** Takes what is in force at the beginning of a connection, where nothing is under way. @param {Settings} settings */
  begin(settings) {
    this.#known = tuningOf(settings);
    this.#changes = {};
    this.#unanswered = 0;
  }

  /** A change is being sent. @param {SettingsMessage} message */
  ask(message) {
    this.#unanswered++;
    const { type: _type, branches: _branches, region: _region, ...asked } = message;
    this.#changes = /** @type {Partial<JobTuning>} */ ({ ...this.#changes, ...asked });
  }

  /** An answer came. @param {Settings} settings */
  answer(settings) {
    this.#known = tuningOf(settings);
    if (--this.#unanswered <= 0) this.#changes = {};
  }
}

/** What of the settings a job does alike. @param {Settings} settings @returns {JobTuning} */
function tuningOf({ preset, device, detail, everywhere, range, crop }) {
  return { preset, device, detail, everywhere, range, crop };
}
