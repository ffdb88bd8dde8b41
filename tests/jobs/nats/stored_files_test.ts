import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { JobServer } from "../../../src/jobs/nats/job_server.ts";
import { getFile, putFile } from "../../../src/jobs/nats/stored_files.ts";
import { HAS_NATS_SERVER, natsServer } from "../../helpers/nats_server.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test({
  name: "getFile: gives back what putFile put, and refuses what is too large or not there",
  ignore: !HAS_NATS_SERVER,
  async fn() {
    await using server = await natsServer();
    await using folder = await temporaryFolder();
    await using connected = await JobServer.connect(server.address);
    const store = await connected.makeStore("a".repeat(24), 2 ** 24);
    const bytes = Uint8Array.from({ length: 700_001 }, (_, i) => (i * i) % 251);
    await writeFile(folder.file("in"), bytes);
    await putFile(store, "file", folder.file("in"));
    assert.equal(await getFile(store, "file", folder.file("out"), bytes.length), true);
    assert.ok((await readFile(folder.file("out"))).equals(bytes));
    await assert.rejects(getFile(store, "file", folder.file("large"), bytes.length - 1), {
      name: "MediaError",
      message: "file: The server offers 700001 bytes of it, more than 700000",
    });
    assert.equal(await getFile(store, "none", folder.file("none"), 1), false);
    assert.deepEqual((await readdir(folder.path)).sort(), ["in", "out"]);
  },
});
