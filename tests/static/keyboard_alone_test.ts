import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { seek, settle, until, untilFrame } from "../helpers/preview/preview_page.ts";

/** Whether what has the focus shows that: by an outline of its own, of its label or of its grip, or by the stage's frame. */
const IS_FOCUS_SHOWN = `(() => {
  const focused = document.activeElement;
  const shows = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const shown = [focused, focused.closest("label"), focused.parentElement, ...focused.querySelectorAll("span"),
    ...(focused.nextElementSibling ? [focused.nextElementSibling] : [])];
  return shown.some((element) => element && shows(getComputedStyle(element))) ||
    parseFloat(getComputedStyle(focused, "::after").borderTopWidth) >= 2;
})()`;

/** Goes on with Tab to what a selector finds, and looks at each stop whether the focus can be seen. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    const id = await page.evaluate<string>(`document.activeElement.outerHTML.slice(0, 120)`);
    const isBody = await page.evaluate<boolean>("document.activeElement === document.body");
    if (!isBody) assert.ok(await page.evaluate(IS_FOCUS_SHOWN), `the focus is not seen on ${id}`);
    if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
  }
  assert.fail(`Tab never comes to ${selector}`);
}

const untilJob = (page: Page, state: string) =>
  until(page, `document.querySelector("#jobs li")?.dataset.state === ${JSON.stringify(state)}`);

Deno.test("with the keyboard alone: open a file, set a range, start a job, cancel it, start it again, download", async () => {
  await using opened = await openWorkbenchPage();
  const { page, place } = opened;
  page.on("filechooser", () => {}); // Playwright catches it from the first listener on, which takes a moment
  await tabTo(page, "#choose-files");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
  const buffer = Buffer.from(await Deno.readFile(place.clip));
  await chooser.setFiles({ name: "mine.mp4", mimeType: "video/mp4", buffer });
  await until(page, `document.title === "mine.mp4 – deblur preview"`);
  await untilFrame(page, 1);

  await tabTo(page, "#stage");
  await page.keyboard.press("ArrowRight");
  await untilFrame(page, 2);
  await page.keyboard.press("i");
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
  await untilFrame(page, 6);
  await page.keyboard.press("o");
  await until(page, `document.getElementById("range-text").textContent !== ""`);

  place.gate.hold();
  await tabTo(page, "#start-job");
  await page.keyboard.press("Enter");
  await untilJob(page, "running");
  await tabTo(page, '#jobs [data-action="cancel"]');
  await page.keyboard.press("Enter");
  await untilJob(page, "cancelled");
  const focused = "document.activeElement.dataset.action";
  assert.equal(await page.evaluate(focused), "restart", "the focus stays at the job");
  await page.keyboard.press("Enter");
  await untilJob(page, "running");
  place.gate.release();
  await untilJob(page, "done");
  if (await page.evaluate(focused) !== "download") await tabTo(page, '#jobs [data-action="download"]');
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  assert.equal(download.suggestedFilename(), "mine.deblurred.mp4");
  assert.deepEqual(page.errors, []);
});

Deno.test("the stage's focus ring lies above the pictures", async () => {
  await using opened = await openWorkbenchPage({
    viewport: { width: 1300, height: 900 },
    colorScheme: "dark",
  });
  const { page } = opened;
  await seek(page, 0);
  for (let i = 0; i < 6; i++) await page.locator("#zoom-in").click(); // no edge of the pictures is in view
  await page.locator("#theme").focus();
  await tabTo(page, "#stage");
  await settle(page);
  const { data, info } = await sharp(await page.locator("#stage").screenshot()).removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)];
  const [middleX, middleY] = [info.width >> 2, info.height >> 2];
  for (const [x, y] of [[1, middleY], [info.width - 2, middleY], [middleX, 1], [middleX, info.height - 2]]) {
    assert.deepEqual(at(x ?? 0, y ?? 0), [0xff, 0xb4, 0x54], `the accent at ${x},${y}`);
  }
});
