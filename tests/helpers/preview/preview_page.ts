import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { BROWSER_WAIT_MS } from "./open_browser.ts";

/** A tab with the preview's page showing a picture; `errors` gathers what went wrong in it, and requests to other hosts. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser["newPage"]>[0] = {},
) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 }, ...options });
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== "127.0.0.1" && protocol !== "blob:") errors.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector("body[data-has-picture]");
  return Object.assign(page, { errors });
}

/** The picture on a canvas at 1:1, as packed RGB. */
export async function pixelsOf(
  page: Page,
  kind: string,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const code = `(() => {
    const canvas = document.querySelector('figure[data-kind="${kind}"] canvas');
    const left = Math.round(canvas.width / 2 - ${width / 2}), top = Math.round(canvas.height / 2 - ${
    height / 2
  });
    const { data } = canvas.getContext("2d").getImageData(left, top, ${width}, ${height});
    return btoa(Array.from(data, (value) => String.fromCharCode(value)).join("")); // a list of numbers takes far longer
  })()`;
  const rgba = Buffer.from(await page.evaluate<string>(code), "base64");
  return Uint8Array.from(rgba).filter((_, i) => i % 4 !== 3);
}

/** Mean squared difference of two pictures' bytes. */
export function meanSquare(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum / a.length;
}

/** Mean absolute difference of two pictures' bytes. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;
}

export async function frameNumber(page: Page): Promise<number> {
  return parseInt(await page.locator("#frame").innerText());
}

/** What holds in a page while it shows a frame whose blurry picture has not been replaced by the restored one. */
const IS_WORKING = `document.body.hasAttribute("data-is-working")`;
const FRAME = `parseInt(document.getElementById("frame").textContent)`;

/** Waits until a frame is on show, restored. @param expected Its number, from 1. */
export async function untilFrame(page: Page, expected: number): Promise<void> {
  await until(page, `${FRAME} === ${expected} && !${IS_WORKING}`);
}

/** Waits until a frame is on show that is not restored yet: its blurry picture, dimmed. */
export async function untilBlurryFrame(page: Page, expected: number): Promise<void> {
  await until(page, `${FRAME} === ${expected} && ${IS_WORKING}`);
}

/** Waits until an expression holds in the page; Playwright's own way needs `eval`, which the page's policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  await untilSo(() => page.evaluate<boolean>(`Boolean(${expression})`), expression);
}

/** Waits until a condition holds that is looked at from outside of the page. @param what For the message. */
export async function untilSo(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const late = Date.now() + BROWSER_WAIT_MS;
  while (!await isSo()) {
    assert.ok(Date.now() < late, `This never was so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Writes down every value that a `data-` attribute of the page's body takes from now on, however shortly. */
export async function recordStates(page: Page, name: string): Promise<void> {
  await page.evaluate(`(() => {
    const states = (window.recordedStates ??= {}), name = "${name}";
    states[name] = [];
    new MutationObserver(() => states[name].push(document.body.dataset[name]))
      .observe(document.body, { attributes: true, attributeFilter: ["data-" + name] });
  })()`);
}

/** Waits until a recorded attribute has taken these values, one after another, and begins a new record. */
export async function untilStates(page: Page, name: string, ...states: string[]): Promise<void> {
  await until(
    page,
    `(() => {
      const expected = ${JSON.stringify(states)};
      for (const state of window.recordedStates["${name}"]) if (state === expected[0]) expected.shift();
      if (expected.length > 0) return false;
      window.recordedStates["${name}"] = [];
      return true;
    })()`,
  );
}

/** Lets the page paint what it has. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

export async function seek(page: Page, seconds: number): Promise<void> {
  await page.locator("#seek").fill(String(seconds));
}
