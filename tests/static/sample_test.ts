import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Picture } from "../../src/frame.ts";
import { blankPicture, copyRegion } from "../../src/crop_picture.ts";
import { openMedia } from "../../src/stream/open_media.ts";
import { openBrowser } from "../helpers/preview/open_browser.ts";
import {
  meanSquare,
  openPage,
  pixelsOf,
  seek,
  settle,
  untilFrame,
  untilSo,
} from "../helpers/preview/preview_page.ts";

const ROOT = new URL("../../", import.meta.url);
/** A frame that the moving camera has smeared, counted from 0. */
const FRAME = 24;
/** The middle of the picture: a whole one takes a browser seconds to hand over. */
const PART = { width: 480, height: 270 };

Deno.test("the page shows the sample restored by the shipped weights: nearer to its sharp twin", async () => {
  await using twin = await openMedia(fileURLToPath(new URL("samples/sharp/spaniels.mp4", ROOT)), {
    start: FRAME / 24,
  });
  const { value: frame } = await twin.frames.getReader().read();
  assert.ok(frame);
  const { data: target } = middleOf(frame);

  const args = ["task", "--quiet", "serve", "samples/spaniels.mp4", "--port", "0", "--device", "cpu"];
  const server = spawn(Deno.execPath(), args, {
    cwd: ROOT,
    env: { ...process.env, INIT_CWD: fileURLToPath(ROOT) }, // not where these tests were started from
    stdio: ["ignore", "pipe", "inherit"],
  });
  const browser = await openBrowser();
  try {
    const [line] = await once(server.stdout, "data");
    const page = await openPage(browser, String(line).trim(), { viewport: { width: 1200, height: 900 } });
    await page.keyboard.press("z");
    await seek(page, FRAME / 24);
    await untilFrame(page, FRAME + 1);
    await settle(page);
    const [blurry, restored] = [await pixelsOf(page, "blurry", PART), await pixelsOf(page, "result", PART)];
    const [before, after] = [meanSquare(blurry, target), meanSquare(restored, target)];
    assert.ok(after < 0.9 * before, `mean squared error ${after} after, ${before} before`);

    await page.locator("#detail").fill("0");
    await untilSo(async () => {
      await untilFrame(page, FRAME + 1); // restored, not only its blurry picture
      await settle(page);
      return meanSquare(await pixelsOf(page, "result", PART), restored) >= 1;
    }, "another picture with another detail gain");
    assert.deepEqual(page.errors, []);
  } finally {
    await browser.close();
    const ended = once(server, "exit");
    server.kill("SIGINT");
    await ended;
  }
});

function middleOf(picture: Picture): Picture {
  const middle = blankPicture(picture, PART.width, PART.height);
  const [x, y] = [(picture.width - PART.width) / 2, (picture.height - PART.height) / 2];
  copyRegion(picture, { x, y, ...PART }, middle, 0, 0);
  return middle;
}
