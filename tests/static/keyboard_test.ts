import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { frameNumber, seek, until, untilFrame, untilSo } from "../helpers/preview/preview_page.ts";

Deno.test("listenToKeys", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const zoom = async () => parseInt(await page.locator("#zoom").innerText());
  const untilZoom = (condition: string) =>
    until(page, `parseInt(document.getElementById("zoom").textContent) ${condition}`);
  await page.locator("#stage").focus();

  await t.step("1, 2 and 3 switch the view", async () => {
    for (const [key, panes] of [["2", 2], ["3", 4], ["1", 2]] as const) {
      await page.keyboard.press(key);
      assert.equal(await page.locator("figure:visible").count(), panes, key);
    }
  });

  await t.step("z, 0, + and - zoom", async () => {
    const fitted = await zoom();
    await page.keyboard.press("z");
    await untilZoom("=== 100");
    await page.keyboard.press("+");
    await untilZoom("=== 150");
    await page.keyboard.press("-");
    await untilZoom("=== 100");
    await page.keyboard.press("0");
    await untilZoom(`=== ${fitted}`);
  });

  await t.step("the arrows step, and with shift they pan", async () => {
    await page.keyboard.press("ArrowRight");
    await untilFrame(page, 2);
    await page.keyboard.press("ArrowLeft");
    await untilFrame(page, 1);
    await page.setViewportSize({ width: 420, height: 420 });
    for (let i = 0; i < 5; i++) await page.keyboard.press("+");
    const shown = () =>
      page.evaluate<string>(`document.querySelector('figure[data-kind="result"] canvas').toDataURL()`);
    let before = "";
    await untilSo(async () => before === (before = await shown()), "two looks at the same picture");
    await page.keyboard.press("Shift+ArrowRight");
    await untilSo(async () => await shown() !== before, "a picture that has moved");
    assert.equal(await frameNumber(page), 1);
    await page.keyboard.press("0");
  });

  await t.step("space plays and pauses", async () => {
    await page.keyboard.press(" ");
    await page.waitForSelector('#play[aria-label="Pause"]');
    await page.keyboard.press(" ");
    await page.waitForSelector('#play[aria-label="Play"]');
    await seek(page, 0); // behind every frame that may still be on its way
    await untilFrame(page, 1);
  });

  await t.step("a focused control keeps its keys", async () => {
    await page.locator("#detail").focus();
    await page.keyboard.press("ArrowRight");
    await until(page, `document.getElementById("detail-value").textContent === "1.05"`);
    // The server has taken it, and with it whatever else the key would have asked for.
    await until(page, `JSON.parse(localStorage.getItem("mtdn-preview")).tuning?.detail === 1.05`);
    assert.equal(await frameNumber(page), 1);
    await page.locator("#play").focus();
    await page.keyboard.press(" ");
    await page.waitForSelector('#play[aria-label="Pause"]');
  });
  assert.deepEqual(page.errors, []);
});
