import assert from "node:assert/strict";
import { serverAddress } from "../../src/cli/server_address.ts";

Deno.test("serverAddress: takes nats:// and tls://, and says what else is expected", () => {
  for (const address of ["nats://host:4222", "tls://host", "nats://me:secret@10.0.0.1:4222"]) {
    assert.equal(serverAddress("--workers", address), address);
  }
  for (const other of ["", "host:4222", "http://host", "nats://", "nats://host/path"]) {
    assert.throws(() => serverAddress("--workers", other), {
      name: "UsageError",
      message: /for --workers: expected nats:/,
    });
  }
});
