import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { servePreview } from "../../src/server/http/serve_preview.ts";
import { Viewers } from "../../src/server/viewers/viewers.ts";
import { type FakeClip, FakeEngine } from "../helpers/preview/fake_media.ts";
import { fakeServer } from "../helpers/preview/fake_server.ts";
import { openBrowser } from "../helpers/preview/open_browser.ts";
import {
  openPage,
  seek,
  until,
  untilBlurryFrame,
  untilFrame,
  untilSo,
} from "../helpers/preview/preview_page.ts";

const CLIP = { width: 320, height: 180, frames: 60, frameRate: 25 };
/** Frames at uneven times. */
const TIMES = Array.from({ length: 60 }, (_, i) => i + Math.floor(i / 5) * 3);

Deno.test("what was found by trying the page", async (t) => {
  const clips: Record<string, FakeClip> = {
    clip: CLIP,
    deleted: CLIP,
    uneven: { ...CLIP, times: TIMES },
    cut: { ...CLIP, frames: 8, damage: "The file is truncated: 52 of 60 frames are missing" },
    wide: { ...CLIP, width: 180, pixelAspect: 2 },
    broken: { ...CLIP, breaksAt: 0 },
  };
  const context = { ...fakeServer(clips), presets: ["fast"] };
  await using preview = await servePreview(new Viewers(context, { viewers: 1 }));
  const browser = await openBrowser();
  try {
    const page = await openPage(browser, preview.url);
    const choose = async (name: string) => {
      await page.locator("#source").selectOption(name);
      await until(page, `document.title.startsWith("${name}.mp4")`);
      await untilFrame(page, 1);
    };

    await t.step("no click and no key repeat is lost", async () => {
      for (let i = 0; i < 6; i++) await page.locator("#step-forward").click();
      await untilFrame(page, 7);
      await page.locator("#stage").focus();
      for (let i = 0; i < 40; i++) await page.keyboard.down("ArrowRight");
      await page.keyboard.up("ArrowRight");
      await untilFrame(page, 47);
    });

    await t.step("a menu of one preset is not shown", async () => {
      assert.equal(await page.locator("#preset").isVisible(), false);
      assert.equal(await page.locator("#device").isVisible(), true);
    });

    await t.step("the detail goes as far as the command's", async () => {
      assert.equal(await page.locator("#detail").getAttribute("max"), "4");
    });

    await t.step("the time is no live region", async () => {
      assert.equal(await page.evaluate(`document.querySelectorAll("output").length`), 0);
    });

    await t.step("a full server is said to be full", async () => {
      const other = await browser.newPage();
      await other.goto(preview.url);
      await other.waitForSelector('body[data-phase="full"]');
      assert.match(await other.locator("#notice").innerText(), /The server is full/);
      await other.close();
    });

    await t.step("frames at uneven times have their own numbers", async () => {
      await choose("uneven");
      await seek(page, (TIMES[59] ?? 0) / 25);
      await until(page, `document.getElementById("frame").textContent === "60 / 60"`);
    });

    await t.step("an anamorphic video is shown as wide as it is", async () => {
      await choose("wide");
      const zoomed = `document.getElementById("zoom").textContent === "100 %"`;
      await page.locator("#zoom-one").click();
      await until(page, zoomed);
      const width = () =>
        page.evaluate(`(() => {
        const canvas = document.querySelector('figure[data-kind="result"] canvas');
        const row = canvas.getContext("2d").getImageData(0, canvas.height >> 1, canvas.width, 1).data;
        return Array.from(row).filter((value, i) => i % 4 === 3 && value > 0).length;
      })()`);
      await untilSo(async () => await width() === 360, "a picture of 360 pixels");
      await page.locator("#zoom-fit").click();
    });

    await t.step("a truncated clip says what is missing at its end", async () => {
      await choose("cut");
      await page.locator("#play").click();
      await page.waitForSelector('body[data-phase="ended"]');
      assert.match(
        await page.locator("#notice").innerText(),
        /The file is damaged[\s\S]*52 of 60 frames are missing/,
      );
    });

    await t.step("after an error nothing of the source before is left", async () => {
      await page.locator("#source").selectOption("broken");
      await page.waitForSelector('body[data-phase="error"]');
      for (const id of ["frame", "length"]) assert.equal(await page.locator(`#${id}`).innerText(), "–");
      assert.equal(await page.title(), "Deblur preview");
    });

    await t.step("a source that cannot be opened is not taken for the one before", async () => {
      await choose("clip");
      delete clips["deleted"];
      await page.locator("#source").selectOption("deleted");
      await page.waitForSelector('body[data-phase="error"]');
      for (const id of ["copy-command", "mark-in", "mark-out", "crop-draw"]) {
        assert.equal(await page.locator(`#${id}`).isDisabled(), true, id);
      }
    });

    await t.step("the part that was taken of one source is not taken of the next", async () => {
      await choose("clip");
      await seek(page, 0.2);
      await untilFrame(page, 6);
      await page.keyboard.press("o");
      await page.evaluate(`(() => {
        const width = document.getElementById("crop-width");
        width.value = "40";
        width.dispatchEvent(new Event("change"));
      })()`);
      await choose("wide");
      const saving = page.waitForEvent("download");
      await page.locator("#save").click();
      const png = await readFile(await (await saving).path());
      assert.equal(png.readUInt32BE(16), 2 * 180);
      await page.locator("#detail").press("ArrowRight");
      await page.locator("#play").click();
      await page.waitForSelector('body[data-phase="ended"]');
      await untilFrame(page, 60);
    });

    await t.step("two fingers zoom, and leave the divider where it is", async () => {
      await choose("clip");
      const box = await page.locator("#stage").boundingBox();
      assert.ok(box);
      const [x, y] = [box.x + box.width / 4, box.y + box.height / 2];
      const before = parseInt(await page.locator("#zoom").innerText());
      const touch = await page.context().newCDPSession(page);
      const fingers = (...points: { x: number; y: number; id: number }[]) =>
        touch.send("Input.dispatchTouchEvent", {
          type: points.length === 1 ? "touchStart" : "touchMove",
          touchPoints: points,
        });
      await fingers({ x, y, id: 0 });
      await touch.send("Input.dispatchTouchEvent", {
        type: "touchStart",
        touchPoints: [{ x, y, id: 0 }, { x: x + 60, y, id: 1 }],
      });
      await fingers({ x: x - 40, y, id: 0 }, { x: x + 100, y, id: 1 });
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      await until(page, `parseInt(document.getElementById("zoom").textContent) > ${before}`);
      assert.equal(await page.locator("#divider").getAttribute("aria-valuenow"), "50");
      await page.locator("#zoom-fit").click();
    });

    assert.deepEqual(page.errors, []);
  } finally {
    await browser.close();
  }
});

Deno.test("while a frame is restored its blurry picture is shown, dimmed, and that work goes on", async () => {
  const held = Promise.withResolvers<void>();
  const engine = new class extends FakeEngine {
    isHeld = false;
    override async run(...args: Parameters<FakeEngine["run"]>) {
      if (this.isHeld) await held.promise;
      return await super.run(...args);
    }
  }();
  await using preview = await servePreview(
    new Viewers(fakeServer({ clip: CLIP }, () => Promise.resolve(engine))),
  );
  const browser = await openBrowser();
  try {
    const page = await openPage(browser, preview.url);
    engine.isHeld = true;
    await seek(page, 1);
    await untilBlurryFrame(page, 26);
    await page.waitForSelector("#work:not([hidden])");
    held.resolve();
    await untilFrame(page, 26);
    await page.waitForSelector("#work", { state: "hidden" });
    assert.deepEqual(page.errors, []);
  } finally {
    held.resolve();
    await browser.close();
  }
});
