// @ts-check
/**
 * Every shortcut of the page: its key, as `KeyboardEvent.key` names it, and what it does, for the list of keys and for what
 * carries it out.
 *
 * @module
 */

/** @typedef {"play" | "back" | "forward" | "divider" | "pair" | "branches" | "flip" | "fit" | "one" | "zoomIn" | "zoomOut" | "in" | "out" | "clear" | "loop" | "save" | "full" | "help" | "panLeft" | "panRight" | "panUp" | "panDown"} KeyAction */

/** @type {readonly { readonly action: KeyAction, readonly keys: readonly string[], readonly shown: string, readonly about: string }[]} */
export const KEYS = [
  { action: "play", keys: [" ", "k"], shown: "Space or K", about: "Play or pause" },
  { action: "back", keys: ["ArrowLeft"], shown: "←", about: "One frame back" },
  { action: "forward", keys: ["ArrowRight"], shown: "→", about: "One frame forward" },
  { action: "flip", keys: ["b"], shown: "B", about: "Flip between before and after, in place" },
  { action: "divider", keys: ["1"], shown: "1", about: "Divider" },
  { action: "pair", keys: ["2"], shown: "2", about: "Side by side" },
  { action: "branches", keys: ["3"], shown: "3", about: "The network's branches" },
  { action: "fit", keys: ["0"], shown: "0", about: "Whole picture" },
  { action: "one", keys: ["z"], shown: "Z", about: "One screen pixel for each pixel, and back" },
  { action: "zoomIn", keys: ["+", "="], shown: "+", about: "Zoom in" },
  { action: "zoomOut", keys: ["-"], shown: "−", about: "Zoom out" },
  { action: "panLeft", keys: ["Shift+ArrowLeft"], shown: "Shift ←", about: "Look further left" },
  { action: "panRight", keys: ["Shift+ArrowRight"], shown: "Shift →", about: "Look further right" },
  { action: "panUp", keys: ["Shift+ArrowUp"], shown: "Shift ↑", about: "Look further up" },
  { action: "panDown", keys: ["Shift+ArrowDown"], shown: "Shift ↓", about: "Look further down" },
  { action: "in", keys: ["i"], shown: "I", about: "Begin the range at this frame" },
  { action: "out", keys: ["o"], shown: "O", about: "End the range with this frame" },
  { action: "clear", keys: ["x"], shown: "X", about: "Take the whole clip again" },
  { action: "loop", keys: ["l"], shown: "L", about: "Loop the range with every frame restored" },
  { action: "save", keys: ["s"], shown: "S", about: "Save both pictures as PNG" },
  { action: "full", keys: ["f"], shown: "F", about: "Full screen" },
  { action: "help", keys: ["?"], shown: "?", about: "This list" },
];

/** What a key press means, if anything. @param {{ readonly key: string, readonly shiftKey: boolean }} event @returns {KeyAction | undefined} */
export function actionOf({ key, shiftKey }) {
  const plain = key.length === 1 ? key.toLowerCase() : key;
  const names = shiftKey ? [`Shift+${plain}`, plain] : [plain];
  for (const name of names) {
    const found = KEYS.find(({ keys }) => keys.includes(name));
    if (found) return found.action;
  }
  return undefined;
}
