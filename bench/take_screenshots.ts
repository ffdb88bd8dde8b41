/**
 * Takes the pictures of the preview in `docs/`. Start `deno task serve samples` first, then
 * `deno run -A bench/take_screenshots.ts "http://127.0.0.1:8080/?token=..."`
 *
 * @module
 */
import type { Page } from "playwright-core";
import { openBrowser } from "../tests/helpers/preview/open_browser.ts";

interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "dark" | "light";
  readonly keys: readonly string[];
  /** Another preset than the default one. */
  readonly preset?: string;
}

const PICTURES: readonly Picture[] = [
  { name: "preview-divider-dark", width: 1280, height: 800, colorScheme: "dark", keys: [] },
  {
    name: "preview-branches-light",
    width: 1280,
    height: 800,
    colorScheme: "light",
    keys: ["3"],
    preset: "fast",
  },
  { name: "preview-keys-dark", width: 1280, height: 800, colorScheme: "dark", keys: ["?"] },
  { name: "preview-range-light", width: 1440, height: 900, colorScheme: "light", keys: ["i"] },
  { name: "preview-phone-side", width: 844, height: 390, colorScheme: "dark", keys: [] },
  { name: "preview-phone", width: 390, height: 844, colorScheme: "dark", keys: ["z"] },
];
/** Seconds into the sample. */
const MOMENT = "0.8";

const [url] = Deno.args;
if (url === undefined) throw new Error("Give the address that the server printed");
const docs = new URL("../docs/", import.meta.url).pathname;
const browser = await openBrowser();

/** Waits until the picture for what was asked last is painted, restored: three looks at it without a change. */
async function settle(page: Page): Promise<void> {
  for (let last = "", same = 0; same < 2;) {
    await page.waitForTimeout(700);
    const now = await page.locator("#stage").screenshot().then((bytes) => bytes.toString("base64"));
    const isWorking = await page.locator("body[data-is-working]").count() > 0;
    same = now === last && !isWorking ? same + 1 : 0;
    last = now;
  }
}

for (const { name, width, height, colorScheme, keys, preset } of PICTURES) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(url);
  await page.waitForSelector("body[data-has-picture]");
  await page.locator("#seek").fill(MOMENT);
  await settle(page); // keys mark the frame that is on show
  if (preset) await page.locator("#preset").selectOption(preset);
  await page.locator("#stage").focus();
  for (const key of keys) await page.keyboard.press(key);
  await settle(page);
  await page.evaluate("document.activeElement.blur()");
  await page.screenshot({ path: `${docs}${name}.png` });
  await page.close();
}
await browser.close();
