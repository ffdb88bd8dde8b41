import fc from "fast-check";
import assert from "node:assert/strict";
import { networkMemory } from "../../../src/job_memory.ts";
import { PRESETS } from "../../../src/model/network/config.ts";
import { traitsOf } from "../../../src/model/network/network_traits.ts";
import { fixedHalo, planFixedTiles, planTiles, type Tile } from "../../../src/model/restore/tiling.ts";

const cases = fc.record({
  multiple: fc.constantFrom(4, 16, 32),
  columns: fc.integer({ min: 1, max: 40 }),
  rows: fc.integer({ min: 1, max: 40 }),
  reach: fc.integer({ min: 0, max: 400 }),
  maxPixels: fc.integer({ min: 1, max: 400_000 }),
});

function plan(
  { multiple, columns, rows, reach, maxPixels }: (typeof cases) extends fc.Arbitrary<infer T> ? T : never,
) {
  const size = { width: columns * multiple, height: rows * multiple };
  return { size, tiles: planTiles(size, { multiple, reach, maxPixels }) };
}

/** How far `read` goes beyond `keep` where the picture does not end. */
function halos({ read, keep }: Tile, size: { width: number; height: number }): number[] {
  return [
    read.x === 0 ? Infinity : keep.x - read.x,
    read.y === 0 ? Infinity : keep.y - read.y,
    read.x + read.width === size.width ? Infinity : read.x + read.width - keep.x - keep.width,
    read.y + read.height === size.height ? Infinity : read.y + read.height - keep.y - keep.height,
  ];
}

Deno.test("planTiles: what is kept covers the picture once, inside what is read", () => {
  fc.assert(fc.property(cases, (options) => {
    const { size, tiles } = plan(options);
    const covered = new Uint8Array(options.columns * options.rows);
    for (const { read, keep } of tiles) {
      assert.ok(read.x >= 0 && read.y >= 0);
      assert.ok(read.x + read.width <= size.width && read.y + read.height <= size.height);
      assert.ok(read.x <= keep.x && keep.x + keep.width <= read.x + read.width);
      assert.ok(read.y <= keep.y && keep.y + keep.height <= read.y + read.height);
      const unit = options.multiple;
      for (let y = keep.y / unit; y < (keep.y + keep.height) / unit; y++) {
        for (let x = keep.x / unit; x < (keep.x + keep.width) / unit; x++) {
          covered[y * options.columns + x] = (covered[y * options.columns + x] ?? 0) + 1;
        }
      }
    }
    assert.ok(covered.every((times) => times === 1));
  }));
});

Deno.test("planTiles: every tile begins and ends at multiples, and none is empty", () => {
  fc.assert(fc.property(cases, (options) => {
    for (const { read, keep } of plan(options).tiles) {
      for (const edge of [read.x, read.y, read.width, read.height, keep.x, keep.y, keep.width, keep.height]) {
        assert.equal(edge % options.multiple, 0);
      }
      assert.ok(keep.width > 0 && keep.height > 0);
    }
  }));
});

Deno.test("planTiles: no tile is larger than allowed, down to one multiple", () => {
  fc.assert(fc.property(cases, (options) => {
    const allowed = Math.max(options.maxPixels, options.multiple ** 2);
    for (const { read } of plan(options).tiles) assert.ok(read.width * read.height <= allowed);
  }));
});

Deno.test("planTiles: a picture that fits is one tile, a larger one keeps its whole halo where memory allows", () => {
  const size = { width: 4096, height: 2176 };
  const fits = planTiles(size, { multiple: 32, reach: 300, maxPixels: 4096 * 2176 });
  assert.equal(fits.length, 1);
  const tiles = planTiles(size, { multiple: 32, reach: 300, maxPixels: 4e6 });
  assert.ok(tiles.length > 1);
  for (const tile of tiles) assert.ok(Math.min(...halos(tile, size)) >= 300);
});

Deno.test("planTiles: the halo shrinks rather than that most of the work is thrown away", () => {
  const size = { width: 4096, height: 2176 };
  const tiles = planTiles(size, { multiple: 32, reach: 600, maxPixels: 1e6 });
  const computed = tiles.reduce((sum, { read }) => sum + read.width * read.height, 0);
  assert.ok(computed <= 2.5 * size.width * size.height);
  assert.ok(tiles.some((tile) => Math.min(...halos(tile, size)) < 600));
});

Deno.test("planTiles: 7680x4320 in 2 GiB keeps three quarters of the halo, with which tiles gave the whole picture's bytes", () => {
  const size = { width: 7680, height: 4320 };
  for (const sampleBytes of [1, 2] as const) {
    const budget = networkMemory({ ...size, kind: "picture", sampleBytes }, 2 * 2 ** 30);
    const { sizeMultiple: multiple, reach, bytesPerPixel } = traitsOf(PRESETS.fast);
    const tiles = planTiles(size, { multiple, reach, maxPixels: budget / bytesPerPixel });
    const least = Math.min(...tiles.flatMap((tile) => halos(tile, size)));
    assert.ok(least >= (sampleBytes === 1 ? 0.75 : 0.6) * reach, `${least} of ${reach}`);
  }
});

Deno.test("planFixedTiles: tiles of one size cover every pixel once, each kept with its halo around it", () => {
  const tile = { width: 64, height: 48 };
  for (const [width, height] of [[64, 48], [65, 48], [200, 131], [640, 360]] as const) {
    for (const reach of [0, 9, 500]) {
      const tiles = planFixedTiles({ width, height }, tile, reach);
      const covered = new Uint8Array(width * height);
      for (const { read, keep } of tiles) {
        assert.deepEqual([read.width, read.height], [tile.width, tile.height]);
        assert.ok(
          read.x >= 0 && read.y >= 0 && read.x + read.width <= width && read.y + read.height <= height,
        );
        const halo = fixedHalo(tile.width, reach);
        assert.ok(keep.x === 0 || keep.x - read.x >= halo);
        assert.ok(keep.x + keep.width === width || read.x + read.width - keep.x - keep.width >= halo);
        for (let y = keep.y; y < keep.y + keep.height; y++) {
          for (let x = keep.x; x < keep.x + keep.width; x++) {
            covered[y * width + x] = (covered[y * width + x] ?? 0) + 1;
          }
        }
      }
      assert.ok(covered.every((times) => times === 1), `${width}x${height}, reach ${reach}`);
    }
  }
});
