import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { JobServer } from "../../../src/jobs/nats/job_server.ts";
import { HAS_NATS_SERVER, natsServer } from "../../helpers/nats_server.ts";

Deno.test("JobServer: a server that is not there, and credentials that cannot be read, are told without the password", async () => {
  await assert.rejects(JobServer.connect("nats://me:secret@127.0.0.1:1"), (error) => {
    assert.ok(error instanceof Error && error.name === "MediaError");
    assert.match(error.message, /^nats:\/\/127\.0\.0\.1:1: Cannot reach this NATS server: /);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await assert.rejects(JobServer.connect("nats://127.0.0.1:1", { credentials: "/none/me.creds" }), {
    name: "MediaError",
    message: /me\.creds: Cannot read the credentials/,
  });
});

Deno.test("JobServer: without the permission to use the network it says which one is needed", async () => {
  const program = fileURLToPath(new URL("../../fixtures/connect_server.ts", import.meta.url));
  for (
    const [host, told] of [[
      "server.example",
      /may not use the network to server\.example\. Use deno task deblur:workers/,
    ], ["127.0.0.1", /Cannot reach this NATS server: /]] as const
  ) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--allow-env",
        "--allow-sys",
        "--allow-read",
        "--allow-net=127.0.0.1",
        program,
        `nats://${host}:1`,
      ],
    }).output();
    assert.match(new TextDecoder().decode(stdout), told);
  }
});

Deno.test({
  name:
    "JobServer: connects twice, finds a store only while it is there, and gives none larger than the server may hold",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using server = await natsServer();
    await using one = await JobServer.connect(server.address);
    await using other = await JobServer.connect(server.address);
    const job = "b".repeat(24);
    assert.equal(await other.openStore(job), undefined);
    await one.makeStore(job, 2 ** 20);
    assert.ok(await other.openStore(job));
    await other.removeJob(job);
    assert.equal(await one.openStore(job), undefined);
    await assert.rejects(one.makeStore(job, 2 ** 52), { message: /insufficient storage/ });
  },
});
