import assert from "node:assert/strict";
import { hdrParameters } from "../../../src/stream/encode/hdr_options.ts";

/** AVMasteringDisplayMetadata and AVContentLightMetadata as FFmpeg holds them. */
const hdr = {
  masteringDisplay: new Uint8Array(
    Int32Array.of(
      ...[
        34000,
        50000,
        16000,
        50000,
        13250,
        50000,
        34500,
        50000,
        7500,
        50000,
        3000,
        50000,
        15635,
        50000,
        16450,
        50000,
      ],
      ...[1, 10000, 1000, 1, 1, 1],
    ).buffer,
  ),
  contentLight: new Uint8Array(Int32Array.of(1000, 400).buffer),
  dynamic: [],
};

const UNITS = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)";

Deno.test("hdrParameters: the display and the light level in the words of each encoder", () => {
  assert.deepEqual(hdrParameters("hevc", hdr), [`master-display=${UNITS}`, "max-cll=1000,400"]);
  assert.deepEqual(hdrParameters("h264", hdr), [`mastering-display=${UNITS}`, "cll=1000,400"]);
  assert.deepEqual(hdrParameters("av1", hdr), [
    "mastering-display=G(0.26500,0.69000)B(0.15000,0.06000)R(0.68000,0.32000)WP(0.31270,0.32900)L(1000.00000,0.00010)",
    "content-light=1000,400",
  ]);
  assert.deepEqual(hdrParameters("vp9", hdr), []);
});

Deno.test("hdrParameters: what is not said, or is broken, gives none", () => {
  assert.deepEqual(hdrParameters("hevc", undefined), []);
  const silent = new Uint8Array(88);
  assert.deepEqual(hdrParameters("hevc", { masteringDisplay: silent, dynamic: [] }), []);
  assert.deepEqual(
    hdrParameters("hevc", {
      masteringDisplay: silent.subarray(0, 40),
      contentLight: silent.subarray(0, 8),
      dynamic: [],
    }),
    [],
  );
});
