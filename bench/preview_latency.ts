/**
 * How long a frame of the preview takes from its decoding to the page's paint: the median that the page shows, after
 * stepping through the sample frame by frame. Start `deno task serve samples` first, then
 * `deno run -A bench/preview_latency.ts "http://127.0.0.1:8080/?token=..."`
 *
 * @module
 */
import { stdout } from "node:process";
import { openBrowser } from "../tests/helpers/preview/open_browser.ts";
import { openPage, untilFrame } from "../tests/helpers/preview/preview_page.ts";

const STEPS = 20;
/** Whole pictures, and the part of them that a phone has room for at 1:1. */
const VIEWS = [
  { name: "whole frame", viewport: { width: 1280, height: 800 }, key: "0" },
  { name: "390x540 of it at 1:1", viewport: { width: 390, height: 844 }, key: "z" },
];

const [url] = Deno.args;
if (url === undefined) throw new Error("Give the address that the server printed");
const browser = await openBrowser();
for (const { name, viewport, key } of VIEWS) {
  const page = await openPage(browser, url, { viewport });
  await page.keyboard.press(key);
  await page.waitForTimeout(2000);
  for (let frame = 2; frame <= STEPS + 1; frame++) {
    await page.locator("#step-forward").click();
    await untilFrame(page, frame);
  }
  await page.waitForTimeout(1500); // the statistics come once a second
  stdout.write(`${name}: ${await page.locator("#latency").innerText()}\n`);
  await page.close();
}
await browser.close();
