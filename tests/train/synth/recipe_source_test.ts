import assert from "node:assert/strict";
import { OptionError } from "../../../src/errors.ts";
import { RecipeSource } from "../../../src/train/synth/recipe_source.ts";
import type { SynthSettings } from "../../../src/train/synth/synth_options.ts";

const BAD: readonly (readonly [given: Partial<SynthSettings>, message: RegExp])[] = [
  [{ frames: { least: 8, most: 8 } }, /Invalid value 8 for frames: expected a range with 7, 9, 11 or 13/],
  [{ frames: { least: 15, most: 21 } }, /Invalid value 15\.\.21 for frames: .*7, 9, 11 or 13/],
  [{ mode: "realistic", frames: { least: 8, most: 8 } }, /odd number/],
  [
    { frames: { least: 9, most: 7 } },
    /Invalid value 9\.\.7 for frames: expected a whole number or a range like 7\.\.13/,
  ],
  [{ gamma: "srgb" }, /gamma does nothing in mode gopro\. .*use mode realistic/],
  [{ gap: { least: 1, most: 2 } }, /gap does nothing in mode gopro/],
  [{ mode: "realistic", jpeg: 0 }, /Invalid value 0 for jpeg: expected a whole number from 1 to 100/],
  [
    { mode: "realistic", h264: { least: 30, most: 52 } },
    /Invalid value 30\.\.52 for h264: expected a whole number or a range like 20\.\.32, from 0 to 51/,
  ],
  [{ mode: "realistic", jpeg: 80, h264: { least: 30, most: 30 } }, /Both jpeg and h264 are given/],
  [{ h264: { least: 30, most: 30 } }, /h264 does nothing in mode gopro/],
  [{ seed: 0.5 }, /Invalid value 0\.5 for seed/],
];

for (const [given, message] of BAD) {
  Deno.test(`RecipeSource refuses ${JSON.stringify(given)}`, () => {
    assert.throws(() => new RecipeSource(given, "clip"), (error: Error) => {
      assert.ok(error instanceof OptionError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("RecipeSource: mode gopro averages plainly and at gamma 2.2, skips nothing, and may name that gamma", () => {
  const { recipe, gap } = new RecipeSource({ gamma: "2.2" }, "clip").next(0);
  assert.deepEqual(recipe.averages, [{ folder: "blur", gamma: "none" }, {
    folder: "blur_gamma",
    gamma: "2.2",
  }]);
  assert.deepEqual([recipe.saturation, recipe.noise, gap], [1, undefined, 0]);
});

Deno.test("RecipeSource: mode realistic draws each recipe from its settings, the same for the same seed and source", () => {
  const settings = {
    mode: "realistic",
    frames: { least: 8, most: 12 },
    gap: { least: 2, most: 3 },
    h264: { least: 20, most: 32 },
  } as const;
  const draw = (seed: number, source: string) => {
    const recipes = new RecipeSource({ ...settings, seed }, source);
    return Array.from({ length: 20 }, (_, i) => recipes.next(i));
  };
  const drawn = draw(1, "clip");
  assert.deepEqual([...new Set(drawn.map(({ recipe }) => recipe.frames))].sort(), [11, 9]);
  assert.deepEqual([...new Set(drawn.map(({ gap }) => gap))].sort(), [2, 3]);
  assert.equal(
    new Set(drawn.map(({ recipe }) => recipe.h264)).size,
    1,
    "one rate factor for the whole source",
  );
  assert.deepEqual(draw(1, "clip"), drawn);
  assert.notDeepEqual(draw(2, "clip"), drawn);
  assert.notDeepEqual(draw(1, "other"), drawn);
});
