import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createOutput } from "../../../src/stream/create_output.ts";
import { openMedia } from "../../../src/stream/open_media.ts";
import { exactParameters } from "../../../src/stream/packets/exact_parameters.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const SAMPLE = fileURLToPath(new URL("../../../samples/spaniels.mp4", import.meta.url));

Deno.test("exactParameters: x264 is kept from what is not always the same, on one machine too; x265 has fixed threads for several", async () => {
  assert.deepEqual(await exactParameters("h264", false), await exactParameters("h264", true));
  assert.deepEqual(await exactParameters("hevc", false), []);
  assert.match((await exactParameters("hevc", true)).join(), /^pools=\d+$/);
  assert.deepEqual(await exactParameters("ffv1", true), []);
});

Deno.test("createOutput writes the same frames as the same bytes, every time", async () => {
  await using folder = await temporaryFolder();
  const written: Uint8Array[] = [];
  for (let i = 0; i < 4; i++) {
    const path = folder.file(`${i}.mp4`);
    await using source = await openMedia(SAMPLE);
    await using sink = await createOutput(path, { source: source.info });
    await source.frames.pipeTo(sink.frames);
    written.push(await readFile(path));
  }
  for (const bytes of written) assert.deepEqual(bytes, written[0]);
});
