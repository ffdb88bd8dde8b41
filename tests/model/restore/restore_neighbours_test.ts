import assert from "node:assert/strict";
import type { Picture } from "../../../src/frame.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { traitsOf } from "../../../src/model/network/network_traits.ts";
import type { NetworkInput } from "../../../src/model/restore/network_input.ts";
import { type LoadedNetwork, restorePicture } from "../../../src/model/restore/restore_picture.ts";
import { FULL_STRENGTH } from "../../../src/model/restore/strength.ts";
import { renderClouds } from "../../helpers/clouds.ts";
import { renderScene } from "../../helpers/smooth_scene.ts";

/** All of a picture. */
const allOf = ({ width, height }: Picture) => ({ region: { x: 0, y: 0, width, height } });
const PLENTY = 2 ** 40;
const OPTIONS = { detail: 1, branches: false, strength: FULL_STRENGTH };
const traits = traitsOf(PRESETS["smoke-video"]);

/** A network of which the result is the one picture or the other that it is shown, and copies of what it was shown. */
function showing(which: "picture" | "previous" | "next"): LoadedNetwork & { readonly seen: NetworkInput[] } {
  const seen: NetworkInput[] = [];
  return {
    seen,
    run(input) {
      const { picture, neighbours: [previous, next] } = input;
      seen.push(structuredClone(input));
      const shown = { picture, previous: previous?.moved, next: next?.moved }[which];
      assert.ok(shown);
      return Promise.resolve({ image: { ...shown, data: shown.data.slice() } });
    },
  };
}

const SIZE = { width: 300, height: 210 };
const scene = (x: number, y = 0): Picture => renderClouds({ ...SIZE, x, y });
const otherScene = renderScene(SIZE);

/** Mean absolute difference. */
function difference(a: Picture, b: Picture): number {
  let sum = 0;
  a.data.forEach((value, i) => sum += Math.abs(value - (b.data[i] ?? NaN)));
  return sum / a.data.length;
}

for (const [name, memoryBudget] of [["whole", PLENTY], ["in tiles", 3_000_000]] as const) {
  Deno.test(`restorePicture: a network of three frames sees the neighbours moved onto the picture, ${name}`, async () => {
    const neighbours = { previous: scene(9, -6), next: scene(-14, 4) };
    const results = new Map<string, Picture>();
    for (const which of ["picture", "previous", "next"] as const) {
      const network = showing(which);
      const restored = await restorePicture(
        scene(0),
        network,
        { ...OPTIONS, ...allOf(scene(0)), neighbours },
        {
          traits,
          memoryBudget,
        },
      );
      assert.equal(restored.neighbours, 2);
      assert.equal(network.seen.length > 1, memoryBudget !== PLENTY);
      results.set(which, restored.image);
      for (const { picture, neighbours } of network.seen) {
        assert.equal(picture.width % 16 + picture.height % 16, 0);
        for (const { moved, flow } of neighbours) {
          assert.deepEqual([moved.width, moved.height], [picture.width, picture.height]);
          assert.deepEqual([flow.columns, flow.rows], [picture.width / 16, picture.height / 16]);
        }
      }
    }
    const [picture, previous, next] = [...results.values()] as [Picture, Picture, Picture];
    assert.deepEqual(picture, scene(0));
    assert.ok(difference(previous, picture) < 0.35 * difference(neighbours.previous, picture));
    assert.ok(difference(next, picture) < 0.35 * difference(neighbours.next, picture));
    assert.deepEqual(
      [neighbours.previous, neighbours.next],
      [scene(9, -6), scene(-14, 4)],
      "they are the caller's",
    );
  });
}

Deno.test("restorePicture: tiles show what the whole picture shows, flow and all", async () => {
  const neighbours = { previous: scene(9, -6), next: scene(-14, 4) };
  const moved = async (memoryBudget: number, which: "previous" | "next") =>
    (await restorePicture(scene(0), showing(which), { ...OPTIONS, ...allOf(scene(0)), neighbours }, {
      traits,
      memoryBudget,
    }))
      .image;
  for (const which of ["previous", "next"] as const) {
    assert.deepEqual(await moved(3_000_000, which), await moved(PLENTY, which));
  }
});

Deno.test("restorePicture: only of the part that moves are neighbours moved, as in the whole picture", async () => {
  const [width, height] = [900, 500];
  const views = [0, 12, -9].map((x) => renderClouds({ width, height, x })) as [Picture, Picture, Picture];
  const neighbours = { previous: views[1], next: views[2] };
  const values = new Float32Array(28 * 16);
  values[7 * 28 + 14] = 1;
  const [part, whole] = [showing("next"), showing("next")];
  const plan = { traits, memoryBudget: PLENTY };
  await restorePicture(views[0], whole, { ...OPTIONS, ...allOf(views[0]), neighbours }, plan);
  const strength = { columns: 28, rows: 16, values };
  await restorePicture(views[0], part, { ...OPTIONS, ...allOf(views[0]), strength, neighbours }, plan);
  const [[seen], [all]] = [part.seen, whole.seen];
  assert.ok(seen && all && seen.picture.width < 500 && seen.picture.height < 400);
  const rows = (of: NetworkInput) =>
    new Set(of.neighbours.flatMap(({ flow }) => [...flow.vectors].map(String)));
  for (const vector of rows(seen)) {
    assert.ok(rows(all).has(vector), "a vector that the whole picture does not have");
  }
});

Deno.test("restorePicture: in place of a missing neighbour the network sees the picture itself, without motion", async () => {
  for (const neighbours of [{}, { next: scene(3) }, { previous: otherScene, next: scene(3) }]) {
    const network = showing("previous");
    const plan = { traits, memoryBudget: PLENTY };
    const { image, neighbours: seen } = await restorePicture(
      scene(0),
      network,
      { ...OPTIONS, ...allOf(scene(0)), neighbours },
      plan,
    );
    assert.deepEqual(image, scene(0));
    assert.equal(seen, neighbours.next && 1);
    const missing = network.seen[0]?.neighbours[0];
    assert.deepEqual(missing?.moved, network.seen[0]?.picture);
    assert.ok(missing?.flow.vectors.every((value) => value === 0));
  }
});

Deno.test("restorePicture: what has no neighbour, or only one from another scene, goes to the network of one frame", async () => {
  const cases = [
    [{}, 0],
    [{ next: otherScene }, 0],
    [{ previous: scene(3) }, 1],
    [{ next: scene(3) }, 1],
    [{ previous: scene(3), next: otherScene }, 1],
    [{ previous: scene(3), next: scene(-3) }, 2],
  ] as const;
  for (const [neighbours, seen] of cases) {
    const [network, alone] = [showing("picture"), showing("picture")];
    const plan = { traits, memoryBudget: PLENTY, alone: { network: alone, traits: traitsOf(PRESETS.smoke) } };
    const restored = await restorePicture(
      scene(0),
      network,
      { ...OPTIONS, ...allOf(scene(0)), neighbours },
      plan,
    );
    assert.deepEqual([network.seen.length, alone.seen.length], [seen === 0 ? 0 : 1, seen === 2 ? 0 : 1]);
    assert.equal(restored.neighbours, seen === 0 ? undefined : seen);
    assert.deepEqual(restored.image, scene(0));
    assert.deepEqual(alone.seen[0]?.neighbours ?? [], []);
  }
});

Deno.test("restorePicture: a network of one frame is shown no neighbours", async () => {
  const network = showing("picture");
  const neighbours = { previous: scene(3), next: scene(-3) };
  const plan = { traits: traitsOf(PRESETS.smoke), memoryBudget: PLENTY };
  const restored = await restorePicture(
    scene(0),
    network,
    { ...OPTIONS, ...allOf(scene(0)), neighbours },
    plan,
  );
  assert.deepEqual(network.seen[0]?.neighbours, []);
  assert.equal(restored.neighbours, undefined);
});

Deno.test("restorePicture: pictures of any size and depth have neighbours", async () => {
  for (const [width, height] of [[1, 1], [7, 3], [17, 40], [64, 48]] as const) {
    const scene = (x: number) => renderClouds({ width, height, x });
    const deep = ({ data }: Picture) => ({
      data: Uint16Array.from(data, (value) => 257 * value),
      width,
      height,
    });
    for (const made of [(picture: Picture) => picture, deep]) {
      const [picture, previous, next] = [made(scene(0)), made(scene(1)), made(scene(-1))];
      const options = { ...OPTIONS, ...allOf(picture), neighbours: { previous, next } };
      const plan = { traits, memoryBudget: PLENTY };
      const restored = await restorePicture(picture, showing("picture"), options, plan);
      assert.deepEqual(restored.image, made(scene(0)));
      assert.equal(restored.neighbours, 2);
    }
  }
});
