import assert from "node:assert/strict";
import { CLIP, openPreview } from "../helpers/preview/preview_in_browser.ts";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { until } from "../helpers/preview/preview_page.ts";

const FIELDS = ["x", "y", "width", "height"];

Deno.test("CropFrame", async (t) => {
  await using opened = await openWorkbenchPage();
  const { page } = opened;
  const values = () => Promise.all(FIELDS.map((name) => page.locator(`#crop-${name}`).inputValue()));

  await t.step("is drawn on the picture", async () => {
    await page.locator("#crop-draw").click();
    const box = await page.locator("#stage").boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2 - 40, box.y + box.height / 2 - 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height / 2 + 30, { steps: 3 });
    await page.mouse.up();
    await page.waitForSelector("#crop-box:not([hidden])");
    const [x = 0, y = 0, width = 0, height = 0] = (await values()).map(Number);
    assert.ok(
      Math.abs(x + width / 2 - 24) <= 1 && Math.abs(y + height / 2 - 16) <= 1,
      (await values()).join(),
    );
    const drawn = await page.locator("#crop-box").boundingBox();
    assert.ok(drawn && Math.abs(drawn.width - 84) < 40);
    assert.equal(await page.locator("#crop-draw").getAttribute("aria-pressed"), "false");
  });

  await t.step("is typed, and stays inside the picture", async () => {
    await page.locator("#crop-x").fill("40");
    await page.locator("#crop-width").fill("999");
    await page.locator("#crop-width").press("Tab");
    await until(page, `document.getElementById("crop-width").value === "8"`);
  });

  await t.step("is given up for the whole picture", async () => {
    await page.locator("#crop-clear").click();
    assert.deepEqual(await values(), ["0", "0", "48", "32"]);
    assert.ok(await page.locator("#crop-box").isHidden());
  });
  assert.deepEqual(page.errors, []);
});

Deno.test("CropFrame: the pair that is saved shows what a job would write", async () => {
  await using preview = await openPreview();
  const { page } = preview;
  await page.evaluate(`document.getElementById("bench").hidden = false`);
  for (const [name, value] of [["x", 20], ["y", 10], ["width", 100], ["height", 80]] as const) {
    await page.locator(`#crop-${name}`).fill(String(value));
    await page.locator(`#crop-${name}`).press("Tab");
  }
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#save").click()]);
  const header = new DataView((await Deno.readFile(await download.path())).buffer);
  assert.deepEqual([header.getUint32(16), header.getUint32(20)], [200, 80]);
  assert.ok(CLIP.width > 100);
  assert.deepEqual(page.errors, []);
});
