import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { AUTOMATIC_DEVICES, DEVICE_CHOICES, DEVICES, isDevice } from "../../../src/model/engine/engine.ts";

Deno.test("DEVICES: auto tries those that are marked, in the order of the table", () => {
  assert.deepEqual(AUTOMATIC_DEVICES, ["cuda", "coreml", "directml", "webgpu", "cpu"]);
  assert.deepEqual([...DEVICE_CHOICES.keys()], ["auto", ...Object.keys(DEVICES)]);
  assert.ok(isDevice("cpu") && !isDevice("auto") && !isDevice("toString"));
});

Deno.test("DEVICE_CHOICES: the README's table of devices says the same", async () => {
  const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const section = /## Devices\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? "";
  const rows = [...section.matchAll(/^\| `([a-z][\w-]*)` \| (.*) \|$/gm)].map(([, name, about]) => [
    name,
    about?.replaceAll("`", ""),
  ]);
  assert.deepEqual(rows, [...DEVICE_CHOICES]);
});
