import assert from "node:assert/strict";
import { openBrowser, openerOf } from "../../src/server/open_browser.ts";

Deno.test("openerOf names each system's own program, with the address as one argument", () => {
  const url = "http://127.0.0.1:8080/?token=a&b";
  assert.deepEqual(openerOf("linux", url), ["xdg-open", url]);
  assert.deepEqual(openerOf("darwin", url), ["open", url]);
  assert.deepEqual(openerOf("windows", url), ["rundll32", "url.dll,FileProtocolHandler", url]);
});

Deno.test("openBrowser says why it cannot, and what to do", async () => {
  const path = Deno.env.get("PATH") ?? "";
  Deno.env.set("PATH", "/nowhere");
  try {
    await assert.rejects(openBrowser("http://127.0.0.1/", "linux"), {
      message: /^Cannot open the browser with xdg-open: .*Open the address yourself$/,
    });
  } finally {
    Deno.env.set("PATH", path);
  }
});
