import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeSample,
  encodeSample,
  type Sample,
  type SampleNeighbour,
  sampleSide,
} from "../../../src/train/batch/sample.ts";
import { createRandom } from "../../../src/train/random.ts";

const SIDE = 32;

function bytes(key: string): Uint8Array<ArrayBuffer> {
  const random = createRandom(key);
  return Uint8Array.from({ length: 3 * SIDE * SIDE }, () => 256 * random());
}

function neighbour(key: string): SampleNeighbour {
  const random = createRandom("flow", key);
  return { moved: bytes(key), flow: Float32Array.from({ length: 8 }, () => 90 * (random() - 0.5)) };
}

function sample(neighbours: readonly (SampleNeighbour | undefined)[]): Sample {
  return { side: SIDE, blurry: bytes("blurry"), sharp: bytes("sharp"), neighbours };
}

const [previous, next] = [neighbour("previous"), neighbour("next")];
const KINDS: Readonly<Record<string, Sample>> = {
  "without neighbours": sample([]),
  "with both neighbours": sample([previous, next]),
  "without the frame before": sample([undefined, next]),
  "without the frame after": sample([previous, undefined]),
  "of a frame alone, for a network of three": sample([undefined, undefined]),
};

for (const [kind, made] of Object.entries(KINDS)) {
  Deno.test(`decodeSample gives back what encodeSample was given: a sample ${kind}`, () => {
    const file = new Uint8Array(encodeSample(made));
    assert.deepEqual(decodeSample(file, SIDE, made.neighbours.length), made);
  });

  Deno.test(`decodeSample refuses what was cut off, or goes on: a sample ${kind}`, () => {
    const file = new Uint8Array(encodeSample(made));
    const decode = (length: number) => {
      const changed = new Uint8Array(length);
      changed.set(file.subarray(0, length));
      return decodeSample(changed, SIDE, made.neighbours.length);
    };
    for (const length of [0, 1, 2, 100, file.length >> 1, file.length - 1, file.length + 1]) {
      assert.equal(decode(length), undefined, `${length} of ${file.length} bytes`);
    }
    assert.equal(decodeSample(file, SIDE + 16, made.neighbours.length), undefined, "of another side");
  });
}

Deno.test("decodeSample refuses a sample of another network", () => {
  const [alone, both] = [KINDS["without neighbours"], KINDS["with both neighbours"]];
  if (alone === undefined || both === undefined) assert.fail("both kinds are there");
  assert.equal(decodeSample(new Uint8Array(encodeSample(alone)), SIDE, 2), undefined);
  assert.equal(decodeSample(new Uint8Array(encodeSample(both)), SIDE, 0), undefined);
});

Deno.test("encodeSample refuses pictures of another size than the sample says", () => {
  assert.throws(() => encodeSample({ ...sample([]), side: 48 }), /a sample of 48 pixels with 3072 bytes/);
});

Deno.test("sampleSide is half as large again as the crop, in whole cells, as far as the smallest picture is", () => {
  for (
    const [crop, smallest, side] of [
      [128, 720, 192],
      [256, 720, 384],
      [128, 192, 192],
      [128, 191, 176],
      [128, 150, 144],
      [128, 128, 128],
      [32, 48, 48],
      [16, 48, 16],
    ] as const
  ) {
    assert.equal(sampleSide({ crop }, smallest), side, `${crop} of ${smallest}`);
  }
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 900 }), (n, more) => {
    const crop = 16 * n;
    const side = sampleSide({ crop }, crop + more);
    assert.ok(side % 16 === 0 && side >= crop && side <= crop + more && side <= 1.5 * crop);
  }));
});
