/**
 * A stage of your own in the pipe: restores a video and draws a bar at its bottom that grows as it plays.
 *
 *     deno run --allow-read --allow-write --allow-env --allow-sys --allow-ffi examples/custom_stage.ts IN OUT [WEIGHTS]
 */
import { argv } from "node:process";
import {
  createOutput,
  deblurStream,
  type Frame,
  mapFrames,
  openEngine,
  openMedia,
  shippedWeights,
} from "../mod.ts";

/** Restores `input` and draws the bar, taking only as many frames into memory as are being worked on. */
export async function deblurWithBar(input: string, output: string, weights?: string): Promise<void> {
  await using source = await openMedia(input);
  await using sink = await createOutput(output, { source: source.info });
  await using engine = await openEngine({ weights: weights ?? shippedWeights("fast") });

  const frames = source.info.frames ?? 1;
  let shown = 0;
  await source.frames
    .pipeThrough(deblurStream(engine))
    .pipeThrough(mapFrames((frame: Frame) => drawBar(frame, ++shown / frames)))
    .pipeTo(sink.frames);
}

/** Whoever received a frame last owns its bytes, so they are painted in place. */
function drawBar(frame: Frame, share: number): Frame {
  const { data, width, height } = frame;
  const white = data instanceof Uint16Array ? 0xffff : 0xff;
  const thickness = Math.ceil(height / 40);
  for (let y = height - thickness; y < height; y++) {
    data.fill(white, 3 * width * y, 3 * (width * y + Math.round(width * share)));
  }
  return frame;
}

if (import.meta.main) {
  const [input, output, weights] = argv.slice(2);
  if (input === undefined || output === undefined) {
    throw new TypeError("Arguments are missing: give IN OUT [WEIGHTS]");
  }
  await deblurWithBar(input, output, weights);
}
