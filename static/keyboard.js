// @ts-check
/** @import { KeyAction } from "./keys.js" */
import { button, element, input } from "./elements.js";
import { actionOf, KEYS } from "./keys.js";
import { recall, remember } from "./remembered.js";

/**
 * Keyboard shortcuts, except keys that the focused control handles itself, and the list of them, which switches them off: single
 * keys get in the way of speech input. "?" goes on working, so that they can be found again.
 *
 * @param {Readonly<Record<Exclude<KeyAction, "help">, () => void>>} actions
 */
export function listenToKeys(actions) {
  const dialog = element("keys", HTMLDialogElement);
  element("key-list", HTMLElement).replaceChildren(...KEYS.flatMap(({ shown, about }) => {
    const [key, text] = [document.createElement("dt"), document.createElement("dd")];
    key.append(Object.assign(document.createElement("kbd"), { textContent: shown }));
    text.textContent = about;
    return [key, text];
  }));
  const isOn = input("keys-on");
  isOn.checked = recall("keysOff") !== true;
  isOn.addEventListener("change", () => remember({ keysOff: !isOn.checked }));
  const showHelp = () => dialog.open || dialog.showModal();
  button("show-keys").addEventListener("click", showHelp);
  button("keys-close").addEventListener("click", () => dialog.close());
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (isForControl(event)) return;
    const action = actionOf(event);
    if (action === undefined || action !== "help" && !isOn.checked) return;
    event.preventDefault();
    if (action === "help") showHelp();
    else actions[action]();
  });
}

/** Whether the focused control has a use for this key. @param {KeyboardEvent} event */
function isForControl({ target, key }) {
  if (target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) {
    const isText = ["text", "number"].includes(target.type);
    return isText || key.startsWith("Arrow") ||
      key === " " && ["checkbox", "radio", "file"].includes(target.type);
  }
  return target instanceof Element && target.closest("button, summary, a") !== null && key === " ";
}
