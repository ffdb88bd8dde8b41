import assert from "node:assert/strict";
import { ListenError } from "../../../src/server/http/http_server.ts";
import { servePreview } from "../../../src/server/http/serve_preview.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { fakeServer } from "../../helpers/preview/fake_server.ts";

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("servePreview: its address opens the page, and disposing it frees the port", async () => {
  const port = freePort();
  const viewers = new Viewers(fakeServer());
  {
    await using preview = await servePreview(viewers, { port, token: "secret" });
    assert.equal(preview.url, `http://127.0.0.1:${port}/?token=secret`);
    const answer = await fetch(preview.url);
    assert.match(await answer.text(), /<title>Deblur preview<\/title>/);
  }
  assert.ok(viewers.isClosing);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test("servePreview: a page that cannot be read is an error, and the port is free again", async () => {
  const port = freePort();
  const viewers = new Viewers(fakeServer());
  const pageFolder = new URL("./no-such-folder/", import.meta.url);
  await assert.rejects(servePreview(viewers, { port, pageFolder }), Deno.errors.NotFound);
  assert.ok(viewers.isClosing);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test("servePreview: a port that is taken is an error, and the viewers are disposed", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const viewers = new Viewers(fakeServer());
  await assert.rejects(servePreview(viewers, { port: listener.addr.port }), ListenError);
  assert.ok(viewers.isClosing);
});
