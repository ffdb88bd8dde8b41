import assert from "node:assert/strict";
import { type Gamma, lightCurve, saturatedLight } from "../../../src/train/camera/light.ts";

const GAMMAS: readonly Gamma[] = ["2.2", "srgb", "none"];

for (const gamma of GAMMAS) {
  Deno.test(`lightCurve ${gamma} brings every byte back from light`, () => {
    const { light, byte, roundByte } = lightCurve(gamma);
    for (let i = 0; i < 256; i++) {
      assert.equal(roundByte(light[i] ?? NaN), i);
      assert.ok(Math.abs(byte(light[i] ?? NaN) - i) < 0.05, `byte ${i}`);
    }
  });

  Deno.test(`lightCurve ${gamma} rounds as its formula does, and clips`, () => {
    const { roundByte } = lightCurve(gamma);
    for (let i = 1; i < 1000; i++) {
      const light = (i / 1000) ** 3;
      assert.equal(roundByte(light), Math.round(255 * formula(gamma, light)), `light ${light}`);
    }
    assert.equal(roundByte(-0.5), 0);
    assert.equal(roundByte(1.5), 255);
  });
}

Deno.test("saturatedLight raises only bytes that are nearly clipped", () => {
  const { light } = lightCurve("2.2");
  const raised = saturatedLight("2.2", 3);
  assert.deepEqual(raised.slice(0, 241), light.slice(0, 241));
  assert.equal(raised[255], 3);
  assert.deepEqual(saturatedLight("2.2", 1), light);
});

function formula(gamma: Gamma, light: number): number {
  if (gamma === "2.2") return light ** (1 / 2.2);
  if (gamma === "srgb") return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return light;
}
