import assert from "node:assert/strict";
import { openPreview } from "../helpers/preview/preview_in_browser.ts";

Deno.test("elements.js", async (t) => {
  await using preview = await openPreview();
  const { page } = preview;
  const run = (code: string) =>
    page.evaluate(`import("/static/elements.js").then((elements) => { ${code} })`);

  await t.step("element finds by id and type, and names what the page lacks", async () => {
    assert.equal(await run(`return elements.button("save").id`), "save");
    await assert.rejects(run(`elements.button("no-such")`), /The page has no HTMLButtonElement "no-such"/);
    await assert.rejects(run(`elements.button("seek")`), /The page has no HTMLButtonElement "seek"/);
  });

  await t.step("setText changes an element only if its text differs", async () => {
    const changes = await run(`
      const observer = new MutationObserver(() => undefined);
      observer.observe(document.getElementById("toast"), { childList: true });
      elements.setText("toast", "a");
      elements.setText("toast", "a");
      elements.setText("toast", "b");
      return observer.takeRecords().length`);
    assert.equal(changes, 2);
  });

  await t.step("fill replaces the rows of a list and keeps its choice, if it is still there", async () => {
    const chosen = await run(`
      const list = document.createElement("select");
      elements.fill(list, [["a", "A"], ["b", "B"]]);
      list.value = "b";
      elements.fill(list, [["c", "C", "a title"], ["b", "B"]]);
      const kept = list.value;
      elements.fill(list, [["c", "C", "a title"]]);
      return [kept, list.value, list.options[0].title]`);
    assert.deepEqual(chosen, ["b", "c", "a title"]);
  });
});
