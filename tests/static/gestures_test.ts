import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";
import { meanDifference, settle, until, untilSo } from "../helpers/preview/preview_page.ts";

Deno.test("listenToGestures", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const divider = page.locator("#divider");
  const untilPercent = (expected: number, by = 0) =>
    until(page, `Math.abs(document.getElementById("divider").ariaValueNow - ${expected}) <= ${by}`);
  const box = await page.locator("#stage").boundingBox();
  assert.ok(box);

  await t.step("the divider follows the mouse", async () => {
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 4, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await untilPercent(25, 3);
    const clip = `getComputedStyle(document.querySelector('[data-kind="result"]')).clipPath`;
    await until(page, `/^inset\\(0px 0px 0px 2[0-9]{2}/.test(${clip})`);
  });

  await t.step("the divider follows the keyboard", async () => {
    await divider.focus();
    await page.keyboard.press("Shift+ArrowRight");
    await untilPercent(35, 3);
    await page.keyboard.press("End");
    await untilPercent(100);
    await page.keyboard.press("Home");
    await untilPercent(0);
    assert.equal(await divider.getAttribute("aria-valuetext"), "0 % blurry, 100 % restored");
  });

  await t.step("the divider follows a finger", async () => {
    const touch = await page.context().newCDPSession(page);
    const at = (share: number) => [{ x: box.x + box.width * share, y: box.y + box.height / 2 }];
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0.9) });
    await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(0.6) });
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await untilPercent(60, 4);
  });

  await t.step("the wheel zooms", async () => {
    const before = parseInt(await page.locator("#zoom").innerText());
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -400);
    await until(page, `parseInt(document.getElementById("zoom").textContent) > ${before}`);
    assert.equal(await page.locator("#zoom-fit").getAttribute("aria-pressed"), "false");
    await page.locator("#zoom-fit").click();
  });

  await t.step("two fingers zoom", async () => {
    const before = parseInt(await page.locator("#zoom").innerText());
    const touch = await page.context().newCDPSession(page);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const apart = (by: number) => [{ x: x - by, y, id: 0 }, { x: x + by, y, id: 1 }];
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: apart(40) });
    for (const by of [60, 80, 100]) {
      await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: apart(by) });
    }
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await until(page, `parseInt(document.getElementById("zoom").textContent) > ${1.5 * before}`);
    await page.locator("#zoom-fit").click();
  });

  await t.step("dragging a zoomed picture pans both sides together", async () => {
    await page.setViewportSize({ width: 420, height: 420 });
    await page.locator('#views label:has([value="pair"])').click();
    for (let i = 0; i < 4; i++) await page.locator("#zoom-in").click();
    const read = `(kind) => {
      const canvas = document.querySelector('figure[data-kind="' + kind + '"] canvas');
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return btoa(Array.from(data, (value) => String.fromCharCode(value)).join(""));
    }`;
    const sides = async () => {
      await settle(page);
      const both = ["blurry", "result"].map((kind) => page.evaluate<string>(`(${read})("${kind}")`));
      return (await Promise.all(both)).map((side) => Buffer.from(side, "base64"));
    };
    const [before] = await sides();
    await page.locator("#stage").scrollIntoViewIfNeeded();
    const small = await page.locator("#stage").boundingBox();
    assert.ok(small && before);
    await page.mouse.move(small.x + small.width / 4, small.y + small.height / 2);
    await page.mouse.down();
    await page.mouse.move(small.x + small.width / 4 - 60, small.y + small.height / 2 - 30, { steps: 3 });
    await page.mouse.up();
    await untilSo(async () => {
      const [left, right] = await sides();
      assert.ok(left && right);
      const apart = meanDifference(left, right);
      return meanDifference(left, before) > 1 && apart > 1 && apart < 25;
    }, "a picture that has moved, and sides that show the same place, one of them restored");
  });
  assert.deepEqual(page.errors, []);
});
