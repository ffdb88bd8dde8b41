import { copyRegion, cropPicture } from "../../crop_picture.ts";
import type { Picture } from "../../frame.ts";
import type { GraphSession } from "./graph_session.ts";
import { toPicture } from "./picture_tensor.ts";
import type { ProbedGraph } from "./probe_graph.ts";
import { runGraph } from "./run_graph.ts";
import { roundUp, type Size } from "./trial_run.ts";
import { renderTrialScene } from "./trial_scene.ts";

/** What running a graph takes. */
export interface GraphCost {
  /** Pixels to the side at which a changed pixel still changes the result visibly; a multiple of the graph's. */
  readonly reach: number;
  readonly bytesPerPixel: number;
  /** Seconds of a run, besides what its pixels take. */
  readonly perRun: number;
  /** Seconds. */
  readonly perPixel: number;
}

/** The picture on which reach is measured. */
const STRIP: Size = { width: 256, height: 64 };
/** Columns at its left side that are changed. */
const CHANGED = 8;
/** Side of the largest picture that is timed, and seconds that it may take. */
const LARGEST = { side: 512, seconds: 2 };
/** Memory a pixel takes in networks at full resolution, at least: what is measured may be hidden on a GPU. */
const LEAST_BYTES = 2048;

/**
 * Measures reach, memory and time of a graph on small pictures.
 *
 * @param memory Bytes in use by this process.
 * @param clock Milliseconds.
 */
export async function measureGraph(
  session: GraphSession,
  graph: ProbedGraph,
  memory: () => number,
  clock: () => number = () => performance.now(),
): Promise<GraphCost> {
  const before = memory();
  const timed = async (picture: Picture) => {
    const startedAt = clock();
    const image = await restoreOnce(session, graph, picture);
    return { image, seconds: (clock() - startedAt) / 1000, pixels: picture.width * picture.height };
  };
  const { blurry, restored } = graph.fixedSize ? graph.trial : await restoredStrip(graph, timed);
  const changed = await timed(withChangedEdge(blurry));
  const reach = roundUp(reachOf(restored, changed.image), graph.sizeMultiple);
  const larger = graph.fixedSize ? undefined : await timeLarger(changed, graph.sizeMultiple, timed);
  const last = larger ?? changed;
  const slope = larger && (larger.seconds - changed.seconds) / (larger.pixels - changed.pixels);
  const perPixel = slope !== undefined && slope > 0 ? slope : last.seconds / last.pixels;
  return {
    reach,
    bytesPerPixel: Math.max(LEAST_BYTES, (memory() - before) / last.pixels),
    perPixel,
    perRun: Math.max(0, last.seconds - perPixel * last.pixels),
  };
}

interface Timed {
  readonly image: Picture;
  readonly seconds: number;
  readonly pixels: number;
}

async function restoredStrip(
  { sizeMultiple }: ProbedGraph,
  timed: (picture: Picture) => Promise<Timed>,
): Promise<ProbedGraph["trial"]> {
  const [width, height] = [roundUp(STRIP.width, sizeMultiple), roundUp(STRIP.height, sizeMultiple)];
  const { blurry } = renderTrialScene(width, height);
  return { blurry, restored: (await timed(blurry)).image };
}

/** A square of as many pixels as there is time for, if that is more than what was timed already. */
async function timeLarger(
  { seconds, pixels }: Timed,
  multiple: number,
  timed: (picture: Picture) => Promise<Timed>,
): Promise<Timed | undefined> {
  const affordable = pixels * LARGEST.seconds / seconds;
  const side = roundUp(Math.min(LARGEST.side, Math.sqrt(affordable)), multiple);
  if (side * side < 2 * pixels) return undefined;
  const { blurry } = renderTrialScene(side, side);
  await timed(blurry); // runtimes prepare themselves again for each size
  return await timed(blurry);
}

async function restoreOnce(session: GraphSession, graph: ProbedGraph, picture: Picture): Promise<Picture> {
  const { plan, input: form, output } = graph;
  const outputs = await runGraph(session, plan, { picture, neighbours: [picture, picture], form, detail: 1 });
  const tensor = outputs.get(output.name);
  if (tensor === undefined) throw new Error(`the graph's output "${output.name}" did not come`);
  return toPicture(tensor, output, picture);
}

function withChangedEdge(picture: Picture): Picture {
  const changed = { ...picture, data: picture.data.slice() };
  const edge = { x: 0, y: 0, width: CHANGED, height: picture.height };
  const negative = cropPicture(picture, edge);
  copyRegion({ ...negative, data: negative.data.map((value) => 255 - value) }, edge, changed, 0, 0);
  return changed;
}

/** Columns right of the changed ones up to the last in which something is different by more than a grey level. */
function reachOf(a: Picture, b: Picture): number {
  let last = CHANGED - 1;
  a.data.forEach((value, i) => {
    const column = Math.floor(i / 3) % a.width;
    if (column > last && Math.abs(value - (b.data[i] ?? 0)) > 1) last = column;
  });
  return last + 1 - CHANGED;
}
