import assert from "node:assert/strict";
import { AVCOL_TRC_ARIB_STD_B67, AVCOL_TRC_BT709, AVCOL_TRC_SMPTE2084 } from "node-av/constants";
import { applyTable, toneCurveOf } from "../../../src/stream/ffmpeg/tone_curve.ts";

for (const [name, transfer] of [["PQ", AVCOL_TRC_SMPTE2084], ["HLG", AVCOL_TRC_ARIB_STD_B67]] as const) {
  Deno.test(`toneCurveOf: every code value of 8, 10 and 12 bits of ${name} comes back exactly`, () => {
    const curve = toneCurveOf(transfer);
    assert.ok(curve);
    for (const bits of [8, 10, 12]) {
      const most = 2 ** bits - 1;
      const codes = Uint16Array.from({ length: most + 1 }, (_, i) => Math.round(65535 * i / most));
      applyTable(codes, curve.toSdr);
      applyTable(codes, curve.fromSdr);
      codes.forEach((code, i) => assert.equal(Math.round(code * most / 65535), i));
    }
  });

  Deno.test(`toneCurveOf: ${name} rises from black to white, with diffuse white where SDR video has bright grey`, () => {
    const { toSdr } = toneCurveOf(transfer) ?? {};
    assert.ok(toSdr);
    for (let i = 1; i < toSdr.length; i++) assert.ok((toSdr[i] ?? 0) >= (toSdr[i - 1] ?? 0));
    assert.deepEqual([toSdr[0], toSdr[65535]], [0, 65535]);
    // BT.2408: 203 cd/m² and 75 % are diffuse white, 26 cd/m² and 38 % are 18 % grey.
    const [white, grey] = name === "PQ" ? [0.5807, 0.38] : [0.75, 0.38];
    const shown = (code: number) => (toSdr[Math.round(65535 * code)] ?? 0) / 65535;
    assert.ok(shown(white) > 0.7 && shown(white) < 0.8, `${shown(white)}`);
    assert.ok(shown(grey) > 0.33 && shown(grey) < 0.5, `${shown(grey)}`);
  });
}

Deno.test("toneCurveOf: SDR video has none", () => assert.equal(toneCurveOf(AVCOL_TRC_BT709), undefined));
