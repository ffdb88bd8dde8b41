import assert from "node:assert/strict";
import { CLIP, openPreview } from "../helpers/preview/preview_in_browser.ts";

Deno.test("savePair downloads both pictures as one PNG, named after source and frame", async () => {
  await using preview = await openPreview();
  const { page } = preview;
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#save").click()]);
  assert.equal(download.suggestedFilename(), "clip.frame-1.pair.png");
  const bytes = await Deno.readFile(await download.path());
  assert.deepEqual([...bytes.slice(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
  const header = new DataView(bytes.buffer);
  assert.deepEqual([header.getUint32(16), header.getUint32(20)], [2 * CLIP.width, CLIP.height]);
  assert.deepEqual(page.errors, []);
});
