import assert from "node:assert/strict";
import { MediaError } from "../../../src/errors.ts";
import { emptyManifest, parseManifest, type SynthManifest } from "../../../src/train/synth/synth_manifest.ts";
import { mutateBytes, seededRandom } from "../../helpers/mutate_bytes.ts";

const MUTANTS = 100_000;

const WHOLE: SynthManifest = {
  ...emptyManifest({ mode: "realistic", seed: 3 }),
  sources: [{ name: "a.mp4", sha256: "00", kind: "footage", frameRate: 240, duplicates: 1, cuts: 0 }],
  pairs: [{
    name: "a_00/000001",
    source: 0,
    recipe: { frames: 3, averages: [{ folder: "blur", gamma: "srgb" }], saturation: 1, h264: 30 },
    frames: [0, 1, 2],
  }],
};

Deno.test(`parseManifest: ${MUTANTS} mutants are read, or refused with a MediaError; no name leads out of the folder`, () => {
  const whole = new TextEncoder().encode(JSON.stringify(WHOLE));
  const decoder = new TextDecoder();
  const random = seededRandom(2);
  let [read, refused] = [0, 0];
  for (let i = 0; i < MUTANTS; i++) {
    const text = decoder.decode(mutateBytes(whole, random));
    try {
      const { pairs } = parseManifest(text, "manifest.json");
      for (const { name } of pairs) {
        const [folder = "", file = "", ...deeper] = name.split("/");
        assert.ok(
          deeper.length === 0 && !folder.startsWith(".") && !/[\\/]/.test(folder) && /^\d+$/.test(file),
          name,
        );
      }
      read++;
    } catch (error) {
      if (!(error instanceof MediaError)) throw new Error(`mutant ${i}: ${error}`, { cause: error });
      refused++;
    }
  }
  assert.equal(read + refused, MUTANTS);
  assert.ok(read > MUTANTS / 100 && refused > MUTANTS / 2, `${read} read, ${refused} refused`);
});
