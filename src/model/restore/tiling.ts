import type { Region } from "../../crop_picture.ts";

/** One piece of a picture that is restored on its own. */
export interface Tile {
  /** What the network is shown. */
  readonly read: Region;
  /** What is kept of its answer; the `keep`s of all tiles cover the picture once. */
  readonly keep: Region;
}

/** Options of {@linkcode planTiles}. */
export interface TilingOptions {
  /** Every tile begins and ends at multiples of this, so that the network's strides fall as in the whole picture. */
  readonly multiple: number;
  /** Pixels around `keep` that can change what the network answers inside: its receptive field's radius. */
  readonly reach: number;
  /** Pixels one tile may have. */
  readonly maxPixels: number;
}

type Size = Pick<Region, "width" | "height">;

interface Span {
  readonly read: readonly [begin: number, end: number];
  readonly keep: readonly [begin: number, end: number];
}

/** Most that is computed for each pixel kept, before the halo is cut rather than the work made larger. */
const MAX_OVERHEAD = 2.5;
/** What is left of the halo where it is cut: with half of it, a few samples of a large picture changed by four grey levels. */
const SHORTER = 3 / 4;

/**
 * Cuts a picture that is too large into the fewest overlapping tiles that are not. Tiles with a halo of `reach`
 * answer exactly as the whole picture would; where memory does not allow that at a bearable cost, the halo is cut
 * until it does (a network's answer depends little on the outer part of its receptive field).
 *
 * @param size Pixels; both sides multiples of `multiple`.
 */
export function planTiles(size: Size, options: TilingOptions): Tile[] {
  const { width, height } = size;
  const { multiple, reach, maxPixels } = options;
  const whole = { x: 0, y: 0, width, height };
  if (width * height <= maxPixels) return [{ read: whole, keep: whole }];
  for (let halo = align(reach, multiple);; halo = halo <= multiple ? 0 : shorten(halo, multiple)) {
    const tiles = fewestTiles(size, multiple, halo, maxPixels);
    const computed = tiles?.reduce((sum, { read }) => sum + read.width * read.height, 0) ?? Infinity;
    if (tiles !== undefined && (halo <= multiple || computed <= MAX_OVERHEAD * width * height)) return tiles;
    if (halo === 0) return grid(size, multiple, 0, width / multiple, height / multiple);
  }
}

/**
 * Cuts a picture into overlapping tiles that all are read at one size, for a network that takes no other.
 *
 * @param size Pixels; both sides at least those of `tile`.
 * @param reach As {@linkcode TilingOptions.reach}; see {@linkcode fixedHalo}.
 */
export function planFixedTiles(size: Size, tile: Size, reach: number): Tile[] {
  const across = fixedSpans(size.width, tile.width, reach);
  return fixedSpans(size.height, tile.height, reach).flatMap((down) =>
    across.map((along) => ({ read: regionOf(along.read, down.read), keep: regionOf(along.keep, down.keep) }))
  );
}

/** What tiles of a fixed side overlap at each end: as far as the network reaches, but a quarter at most. */
export function fixedHalo(side: number, reach: number): number {
  return Math.min(reach, Math.floor(side / 4));
}

/** Spans of one length, evenly spread; where two overlap, each is kept up to the middle. */
function fixedSpans(length: number, tile: number, reach: number): Span[] {
  const halo = fixedHalo(tile, reach);
  const count = length <= tile ? 1 : Math.ceil((length - 2 * halo) / (tile - 2 * halo));
  const begin = (i: number) => count === 1 ? 0 : Math.round(i * (length - tile) / (count - 1));
  const cut = (i: number) => {
    if (i === 0) return 0;
    return i === count ? length : Math.round((begin(i - 1) + tile + begin(i)) / 2);
  };
  return Array.from({ length: count }, (_, i) => ({
    read: [begin(i), begin(i) + tile],
    keep: [cut(i), cut(i + 1)],
  }));
}

function regionOf([left, right]: Span["read"], [top, bottom]: Span["read"]): Region {
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function shorten(halo: number, multiple: number): number {
  return Math.min(align(SHORTER * halo, multiple), halo - multiple);
}

function align(pixels: number, multiple: number): number {
  return Math.ceil(pixels / multiple) * multiple;
}

/** The grid of tiles within `maxPixels` that computes least. */
function fewestTiles(
  size: Size,
  multiple: number,
  halo: number,
  maxPixels: number,
): Tile[] | undefined {
  const smallest = multiple + 2 * halo;
  if (Math.min(size.width, smallest) * Math.min(size.height, smallest) > maxPixels) return;
  let best: { columns: number; rows: number; computed: number } | undefined;
  for (let columns = 1; columns <= size.width / multiple; columns++) {
    const across = spans(size.width, multiple, halo, columns);
    if (best !== undefined && total(across) * size.height >= best.computed) break; // more columns only add halos
    const rows = fewestSpans(size.height, multiple, halo, maxPixels / longest(across));
    if (rows === undefined) continue;
    const computed = total(across) * total(spans(size.height, multiple, halo, rows));
    if (best === undefined || computed < best.computed) best = { columns, rows, computed };
  }
  return best && grid(size, multiple, halo, best.columns, best.rows);
}

/** Fewest spans of which none is longer than `most`; between what it would take without halos and with two each. */
function fewestSpans(length: number, multiple: number, halo: number, most: number): number | undefined {
  if (length <= most) return 1;
  const last = Math.min(
    length / multiple,
    Math.ceil(length / Math.max(multiple, most - 2 * halo - multiple)),
  );
  for (let count = Math.ceil(length / most); count <= last; count++) {
    if (longest(spans(length, multiple, halo, count)) <= most) return count;
  }
}

function grid(
  { width, height }: Size,
  multiple: number,
  halo: number,
  columns: number,
  rows: number,
): Tile[] {
  const across = spans(width, multiple, halo, columns);
  return spans(height, multiple, halo, rows).flatMap((down) =>
    across.map((along) => ({ read: regionOf(along.read, down.read), keep: regionOf(along.keep, down.keep) }))
  );
}

/** Cuts a side into `count` near-equal parts, each read with a halo as far as the picture goes. */
function spans(length: number, multiple: number, halo: number, count: number): Span[] {
  const cut = (i: number) => Math.round(i * length / count / multiple) * multiple;
  return Array.from({ length: count }, (_, i) => {
    const [begin, end] = [cut(i), cut(i + 1)];
    return { keep: [begin, end], read: [Math.max(0, begin - halo), Math.min(length, end + halo)] };
  });
}

function longest(all: readonly Span[]): number {
  return Math.max(...all.map(({ read: [begin, end] }) => end - begin));
}

function total(all: readonly Span[]): number {
  return all.reduce((sum, { read: [begin, end] }) => sum + end - begin, 0);
}
