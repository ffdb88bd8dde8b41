import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";

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
    return Array.from(canvas.getContext("2d").getImageData(left, top, ${width}, ${height}).data);
  })()`;
  const rgba: number[] = await page.evaluate(code);
  return Uint8Array.from(rgba.filter((_, i) => i % 4 !== 3));
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

export async function untilFrame(page: Page, expected: number): Promise<void> {
  await until(page, `parseInt(document.getElementById("frame").textContent) === ${expected}`);
}

/** Waits until an expression holds in the page; Playwright's own way needs `eval`, which the page's policy forbids. */
export async function until(page: Page, expression: string, milliseconds = 60_000): Promise<void> {
  const late = Date.now() + milliseconds;
  while (!await page.evaluate(expression)) {
    assert.ok(Date.now() < late, `The page never had: ${expression}`);
    await page.waitForTimeout(25);
  }
}

/** Lets the page paint what it has. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

export async function seek(page: Page, seconds: number): Promise<void> {
  await page.locator("#seek").fill(String(seconds));
}
