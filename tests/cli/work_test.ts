import assert from "node:assert/strict";
import { runCli } from "../helpers/run_cli.ts";
import { HAS_NATS_SERVER, natsServer } from "../helpers/nats_server.ts";

Deno.test("work: what is wrong with the command line is told; --help names the options", async () => {
  for (const args of [[], ["host"], ["nats://a", "nats://b"], ["nats://a", "--device", "none"]]) {
    assert.equal((await runCli(["work", ...args])).code, 2, `${args}`);
  }
  assert.match((await runCli(["work", "--help"])).stdout, /--credentials FILE/);
  const { code, stderr } = await runCli(["work", "nats://127.0.0.1:1"]);
  assert.equal(code, 1);
  assert.match(stderr, /^nats:\/\/127\.0\.0\.1:1: Cannot reach this NATS server: [^\n]*\n$/);
});

Deno.test({
  name: "work: waits until it is told to stop",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using server = await natsServer();
    const ending = new AbortController();
    const { code, stderr } = await runCli(["work", server.address], {
      signal: ending.signal,
      onStderr: (text) => text.includes("Waiting for segments") && ending.abort(new Error("stopped")),
    });
    assert.deepEqual([code, stderr], [0, `Waiting for segments from ${server.address}\n`]);
  },
});
