import assert from "node:assert/strict";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { seek, until, untilFrame } from "../helpers/preview/preview_page.ts";

Deno.test("JobForm", async (t) => {
  await using opened = await openWorkbenchPage();
  const { page, bench } = opened;
  const stored = async () => (await bench.folder.load()).jobs;

  await t.step("starts a job with everything that is set in the page", async () => {
    await page.locator("#detail").fill("2");
    await page.locator("#everywhere").check();
    await page.locator("#codec").selectOption("hevc");
    await page.locator("#crf").fill("30");
    await seek(page, 2 / 25);
    await untilFrame(page, 3);
    await page.keyboard.press("i");
    await seek(page, 8 / 25);
    await untilFrame(page, 9);
    await page.keyboard.press("o");
    await page.locator("#crop-width").fill("32");
    await page.locator("#crop-height").fill("24");
    await page.locator("#crop-height").press("Tab");
    await page.locator("#start-job").click();
    await until(page, `document.querySelectorAll("#jobs li").length === 1`);
    await until(page, `document.querySelector("#jobs li").dataset.state === "done"`);
    const [job] = await stored();
    assert.deepEqual(job?.settings, {
      preset: "smoke",
      device: "cpu",
      detail: 2,
      everywhere: true,
      codec: "hevc",
      crf: 30,
      range: { start: 0.08, end: 0.34 },
      crop: { x: 0, y: 0, width: 32, height: 24 },
    });
  });

  await t.step("shows the command that does the same", async () => {
    await page.locator("#copy-command").click();
    assert.equal(
      await page.locator("#command").innerText(),
      "deno task deblur clip.mp4 --preset smoke --device cpu --detail 2 --everywhere --start 0.08 --duration 0.26 " +
        "--crop 0,0,32,24 --codec hevc --crf 30",
    );
  });

  await t.step("a codec without loss has no quality to choose", async () => {
    await page.locator("#codec").selectOption("ffv1");
    assert.ok(await page.locator("#crf").isDisabled());
  });

  await t.step("what is shown of a finished job cannot be restored once more", async () => {
    await page.locator('#jobs button[data-action="show"]').click();
    await until(page, `document.getElementById("start-job").disabled`);
    assert.equal(await page.locator("#job-source").innerText(), "");
  });
  assert.deepEqual(page.errors, []);
});
