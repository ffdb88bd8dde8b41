// @ts-check

/**
 * What the page remembers from visit to visit, in this browser only: looks, and where one was. Where a browser keeps nothing,
 * everything is forgotten, and nothing fails.
 *
 * @typedef {object} Remembered
 * @property {"dark" | "light"} theme
 * @property {string} view
 * @property {string} source Id of the source on show.
 * @property {number} seconds Where in it.
 * @property {boolean} keysOff Whether single keys do nothing.
 * @property {boolean} bench Whether files and jobs are on show.
 * @property {{ preset: string, device: string, detail: number, everywhere: boolean }} tuning
 */

const KEY = "mtdn-preview";

/** @returns {Partial<Remembered>} */
function all() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {}; // nothing can be kept here, or somebody else wrote it
  }
}

/**
 * @template {keyof Remembered} K
 * @param {K} name
 * @returns {Remembered[K] | undefined}
 */
export function recall(name) {
  return all()[name];
}

/** @param {Partial<Remembered>} what */
export function remember(what) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all(), ...what }));
  } catch {
    // Nothing can be kept here.
  }
}
