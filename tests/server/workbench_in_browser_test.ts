import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { openMedia } from "../../mod.ts";
import { openBrowser } from "../helpers/preview/open_browser.ts";
import { openPage, until } from "../helpers/preview/preview_page.ts";
import { runCli } from "../helpers/run_cli.ts";
import { serveProcess } from "../helpers/preview/serve_process.ts";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { writeSmokeWeights } from "../helpers/smoke_weights.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const SAMPLE = fileURLToPath(new URL("../../samples/spaniels.mp4", import.meta.url));

/** A folder with weights, an empty folder that is served, and one for jobs. */
async function workplace() {
  const place = await temporaryFolder();
  const weights = await writeSmokeWeights(place.file("smoke.safetensors"));
  await mkdir(place.file("clips"));
  const args = [place.file("clips"), "--jobs", place.file("jobs"), "--weights", weights, "--device", "cpu"];
  return { ...place, weights, args, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

/** Drops a file on the page, as a file manager does. */
async function drop(page: Page, path: string, name: string): Promise<void> {
  const base64 = (await readFile(path)).toString("base64");
  await page.evaluate(`(() => {
    const bytes = Uint8Array.from(atob("${base64}"), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "${name}"));
    for (const type of ["dragenter", "dragover", "drop"]) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  })()`);
}

const row = `document.querySelector("#jobs li")`;
const untilState = (page: Page, state: string) => until(page, `${row}?.dataset.state === "${state}"`);
const press = (page: Page, action: string) =>
  page.locator(`#jobs li [data-action="${action}"]`).first().click();

async function start(page: Page): Promise<void> {
  await page.locator("#start-job").click();
  await until(page, `${row} !== null`);
}

Deno.test("the page: drop the sample, start, cancel from another browser, start again, reload, download", async () => {
  await using opened = await openWorkbenchPage();
  const { page, browser, preview, place } = opened;
  const other = await openPage(browser, preview.url, { viewport: { width: 1400, height: 900 } });
  await drop(page, SAMPLE, "spaniels.mp4");
  await until(page, `document.title === "spaniels.mp4 – deblur preview"`);
  await page.waitForSelector("body[data-has-picture]");
  place.gate.hold();
  await start(page);
  for (const each of [page, other]) await untilState(each, "running");
  await press(other, "cancel");
  for (const each of [page, other]) await untilState(each, "cancelled");
  assert.deepEqual(await readdir(place.file("jobs/results")), []);
  await press(page, "restart");
  await untilState(page, "running");
  await page.reload();
  await untilState(page, "running");
  place.gate.release();
  for (const each of [page, other]) await untilState(each, "done");
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, "download")]);
  assert.equal(download.suggestedFilename(), "spaniels.deblurred.mp4");
  const written = await readFile(place.file("jobs/results/spaniels.deblurred.mp4"));
  assert.ok((await readFile(await download.path())).equals(written), "the same bytes");
  const alone = place.file("command.mp4");
  const command = ["deblur", SAMPLE, "-o", alone, "--weights", place.weights, "--device", "cpu"];
  assert.equal((await runCli(command)).code, 0);
  assert.ok((await readFile(alone)).equals(written), "the bytes that the command writes");
  await using result = await openMedia(await download.path());
  let frames = 0;
  for await (const _frame of result.frames) frames++;
  assert.equal(frames, 60);
  await press(page, "show");
  await until(page, `document.getElementById("frame").textContent.startsWith("1 / 60")`);
  for (const each of [page, other]) assert.deepEqual(each.errors, []);
});

Deno.test("the page: a server that is killed in the middle of a job goes on with it when it is started again, and so does the page", async () => {
  await using place = await workplace();
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const first = await serveProcess([...place.args, "--port", "0"]);
    const { port } = new URL(first.url);
    await page.goto(first.url);
    await until(page, `document.getElementById("notice-title").textContent === "Nothing to show yet"`);
    await drop(page, SAMPLE, "spaniels.mp4");
    await until(page, `!document.getElementById("start-job").disabled`);
    await start(page);
    await until(page, `/^[1-9]\\d* of 60 frames/.test(${row}.querySelector("small").textContent)`);
    await first.kill();
    await page.waitForSelector('body[data-phase="reconnecting"]');
    await using second = await serveProcess([...place.args, "--port", port]);
    assert.equal(second.url, first.url, "the same token");
    await untilState(page, "done");
    await until(page, `document.getElementById("frame").textContent.includes("/ 60")`);
    assert.deepEqual(await readdir(place.file("jobs/results")), ["spaniels.deblurred.mp4"]);
    assert.deepEqual(page.url(), `http://127.0.0.1:${port}/`);
  } finally {
    await browser.close();
  }
});

Deno.test({
  name: "the page: a disk that becomes full while a file arrives is said, and nothing of it stays",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using place = await workplace();
    await using server = await serveProcess([...place.args, "--port", "0"], 256);
    const { origin, searchParams } = new URL(server.url);
    const answer = await fetch(`${origin}/api/uploads?name=spaniels.mp4`, {
      method: "POST",
      body: await readFile(SAMPLE),
      headers: { authorization: `Bearer ${searchParams.get("token")}` },
    });
    assert.deepEqual([answer.status, /disk became full while the file arrived/.test(await answer.text())], [
      507,
      true,
    ]);
    assert.deepEqual(await readdir(place.file("jobs/uploads")), []);
  },
});
