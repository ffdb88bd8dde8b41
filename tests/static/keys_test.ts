import assert from "node:assert/strict";
import { actionOf, KEYS } from "../../static/keys.js";

const press = (key: string, shiftKey = false) => actionOf({ key, shiftKey });

Deno.test("actionOf finds what a key does, in either case, and with shift something of its own", () => {
  assert.deepEqual([press(" "), press("k"), press("K", true), press("ArrowLeft")], [
    "play",
    "play",
    "play",
    "back",
  ]);
  assert.deepEqual([press("ArrowLeft", true), press("?", true), press("+", true)], [
    "panLeft",
    "help",
    "zoomIn",
  ]);
  assert.deepEqual([press("q"), press("Tab"), press("Enter")], [undefined, undefined, undefined]);
});

Deno.test("KEYS: no key does two things, and each has a line that says what it does", () => {
  const keys = KEYS.flatMap(({ keys }) => keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(KEYS.every(({ about, shown }) => about.length > 5 && shown.length > 0));
});
