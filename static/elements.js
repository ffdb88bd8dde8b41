// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * The element with that id.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 * @throws {TypeError} if the page has no such element.
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`The page has no ${type.name} "${id}"`);
  return found;
}

/** @param {string} id */
export const button = (id) => element(id, HTMLButtonElement);
/** @param {string} id */
export const input = (id) => element(id, HTMLInputElement);
/** @param {string} id */
export const select = (id) => element(id, HTMLSelectElement);

/** Sets the text of an element, unless it is the same: screen readers announce every change. @param {string} id @param {string} text */
export function setText(id, text) {
  const found = element(id, HTMLElement);
  if (found.textContent !== text) found.textContent = text;
}

/**
 * Fills a list and keeps its choice.
 *
 * @param {HTMLSelectElement} list
 * @param {readonly (readonly [value: string, text: string, title?: string])[]} rows
 */
export function fill(list, rows) {
  const chosen = list.value;
  list.replaceChildren(...rows.map(([value, text, title = ""]) => {
    const option = new Option(text, value, false, value === chosen);
    option.title = title;
    return option;
  }));
}
