import assert from "node:assert/strict";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { until } from "../helpers/preview/preview_page.ts";
import { JOB_SETTINGS } from "../helpers/preview/open_workbench.ts";

Deno.test("JobList", async (t) => {
  await using opened = await openWorkbenchPage();
  const { page, bench, place } = opened;
  const { workbench, source } = bench;
  const rows = () => page.locator("#jobs li");
  const press = (row: number, action: string) => rows().nth(row).locator(`[data-action="${action}"]`).click();

  await t.step("shows what is added by others, in their order", async () => {
    for (let i = 0; i < 3; i++) await workbench.queue.add(source, `clip-${i}.mp4`, JOB_SETTINGS);
    await until(page, `document.querySelectorAll('#jobs li[data-state="done"]').length === 3`);
    const names = await rows().locator("strong").allInnerTexts();
    assert.deepEqual(names, ["clip-0.mp4", "clip-1.mp4", "clip-2.mp4"]);
  });

  await t.step("a result is downloaded as it was written", async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), press(0, "download")]);
    assert.equal(download.suggestedFilename(), "clip-0.deblurred.mp4");
    const bytes = await Deno.readFile(await download.path());
    assert.deepEqual(bytes, await Deno.readFile(place.file("jobs/results/clip-0.deblurred.mp4")));
  });

  await t.step("moves what waits, and a button keeps the focus while its row moves", async () => {
    // One that was never begun: the list alone, without the queue.
    for (const id of ["a", "b", "c"]) workbench.board.add(id, `waiting-${id}.mp4`);
    await until(page, `document.querySelectorAll('#jobs li[data-state="waiting"]').length === 3`);
    const last = rows().nth(5).locator('[data-action="earlier"]');
    await last.focus();
    await page.keyboard.press("Enter");
    await until(page, `document.querySelectorAll("#jobs li")[4].dataset.job === "c"`);
    assert.equal(await page.evaluate("document.activeElement.closest('li')?.dataset.job"), "c");
    for (const id of ["a", "b", "c"]) {
      const job = workbench.board.find(id);
      if (job) workbench.board.remove(job);
    }
  });

  await t.step("removes what is done", async () => {
    await press(0, "remove");
    await until(page, `document.querySelectorAll("#jobs li").length === 2`);
  });
  assert.deepEqual(page.errors, []);
});
