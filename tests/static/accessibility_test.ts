import axe from "axe-core";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { openWorkbenchPage } from "../helpers/preview/workbench_page.ts";
import { openPage, until } from "../helpers/preview/preview_page.ts";
import { JOB_SETTINGS, untilState } from "../helpers/preview/open_workbench.ts";

/** Screens: a small and a usual telephone, one on its side, a desk, and that desk at 400 %. */
const SCREENS = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 844, height: 390 },
  { width: 1440, height: 900 },
  { width: 360, height: 225 },
] as const;

/** What axe-core finds wrong, as one line each. */
async function violations(page: Page): Promise<readonly string[]> {
  // The page's policy allows no foreign script, so it is run from outside the page's own world.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
  });
  const run = async (expression: string) => {
    const options = { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", options);
    assert.equal(exceptionDetails, undefined, exceptionDetails?.exception?.description);
    return result.value;
  };
  await run(`${axe.source}; 0`);
  const found = await run(`axe.run(document).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html + " " + failureSummary)))`);
  await session.detach();
  return found;
}

Deno.test("axe-core finds nothing wrong with the page, on any screen, in both themes, with everything open", async (t) => {
  await using opened = await openWorkbenchPage();
  const { browser, preview, bench } = opened;
  const job = await bench.workbench.queue.add(bench.source, "clip.mp4", JOB_SETTINGS);
  await untilState(bench.workbench, job, "done", "failed");
  for (const colorScheme of ["dark", "light"] as const) {
    for (const viewport of SCREENS) {
      await t.step(`${viewport.width}x${viewport.height}, ${colorScheme}`, async () => {
        const page = await openPage(browser, preview.url, { viewport, colorScheme });
        if (!await page.locator("#bench").isVisible()) await page.locator("#show-bench").click();
        await until(page, `document.querySelectorAll("#jobs li").length === 1`);
        assert.deepEqual(await violations(page), []);
        await page.locator("#show-keys").click();
        assert.deepEqual(await violations(page), [], "with the list of keys");
        await page.close();
      });
    }
  }
});

Deno.test("on a small or magnified screen the pictures have room, nothing is cut off at the side, and fingers hit every control", async () => {
  await using opened = await openWorkbenchPage();
  const { browser, preview } = opened;
  for (const viewport of SCREENS) {
    const page = await openPage(browser, preview.url, {
      viewport,
      hasTouch: true,
      isMobile: viewport.width < 900,
    });
    const height = Number(await page.evaluate(`document.getElementById("stage").clientHeight`));
    assert.ok(height >= Math.min(200, viewport.height * 0.8), `${height} of ${viewport.height} pixels`);
    const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
    assert.ok(width <= viewport.width, `${width} of ${viewport.width} pixels`);
    const small = await page.evaluate(
      `[...document.querySelectorAll("button, select, #divider span, input[type=range]")]
      .map((e) => [e.id, e.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (height < 44 || width < 44))
      .map(([id, { width, height }]) => id + " " + width + "x" + height)`,
    );
    if (viewport.width < 900) assert.deepEqual(small, []);
    await page.close();
  }
});
