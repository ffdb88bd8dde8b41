import assert from "node:assert/strict";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { until, untilSo } from "../helpers/preview/preview_page.ts";

/** Drops files on the window, as a file manager does. */
const drop = (files: string) =>
  `(() => {
  const dataTransfer = new DataTransfer();
  for (const file of ${files}) dataTransfer.items.add(file);
  for (const type of ["dragenter", "dragover"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  const isShown = document.body.hasAttribute("data-is-dropping");
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  return isShown;
})()`;

Deno.test("UploadList", async (t) => {
  await using opened = await openWorkbenchPage();
  const { page, place, bench } = opened;

  await t.step("sends a chosen file, lists it and shows it", async () => {
    await page.locator("#files").setInputFiles({
      name: "chosen.mp4",
      mimeType: "video/mp4",
      buffer: Buffer.from(await Deno.readFile(place.clip)),
    });
    await until(page, `document.title === "chosen.mp4 – deblur preview"`);
    const listed = `Array.from(document.querySelectorAll("#source option"), (row) => row.textContent).join()`;
    await until(page, `${listed} === "clip.mp4,chosen.mp4"`);
    assert.equal(await page.locator("#uploads li").count(), 0);
  });

  await t.step("takes what is dropped anywhere on the page, and says what it cannot take", async () => {
    const isShown = await page.evaluate(
      drop(`[new File(["not a video at all"], "notes.mp4"), new File([], "empty.mp4")]`),
    );
    assert.equal(isShown, true);
    await until(page, `document.querySelectorAll("#uploads li.failed").length === 2`);
    const said = (await page.locator("#uploads li").allInnerTexts()).join("\n");
    assert.match(said, /notes\.mp4[\s\S]*cannot be restored/);
    assert.match(said, /empty\.mp4[\s\S]*The file is empty/);
    for (const _ of [1, 2]) await page.locator("#uploads li button").first().click();
    assert.equal(await page.locator("#uploads li").count(), 0);
    assert.equal(await page.locator("body[data-is-dropping]").count(), 0);
  });

  await t.step("a file that is cancelled on its way leaves nothing", async () => {
    const network = await page.context().newCDPSession(page);
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 200_000 };
    await network.send("Network.emulateNetworkConditions", slow);
    await page.evaluate(drop(`[new File([new Uint8Array(30_000_000)], "large.mp4")]`));
    const uploads = `${bench.folder.path}/uploads`;
    const names = () => Array.from(Deno.readDirSync(uploads), ({ name }) => name);
    await untilSo(() => names().length === 2, "a file that arrives");
    await page.locator("#uploads li button").click();
    await until(page, `document.querySelectorAll("#uploads li").length === 0`);
    await untilSo(() => names().length === 1, "nothing of the file that was cancelled");
    assert.equal(bench.workbench.uploads.list().length, 1);
  });
  assert.deepEqual(page.errors, []);
});
