/**
 * Processor time that finding and moving a frame's neighbours takes, each step alone, and fusing the frame with them.
 *
 * deno run --allow-read --allow-env --allow-sys --allow-ffi bench/motion.ts [--size 1280x720] [--times 50]
 */
import { argv, cpuUsage, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { Picture } from "../src/frame.ts";
import { alignNeighbours } from "../src/model/restore/align_neighbours.ts";
import { blockFlow, flowPyramid } from "../src/motion/block_flow.ts";
import { blockDifference, changedPicture, fuseNeighbours } from "../src/motion/fuse_neighbours.ts";
import { mismatch } from "../src/motion/mismatch.ts";
import { moveOnto } from "../src/motion/move_onto.ts";
import { reducePicture } from "../src/motion/plane.ts";
import { freePicture } from "../src/frame.ts";
import { renderClouds } from "../tests/helpers/clouds.ts";

const { values } = parseArgs({
  args: argv.slice(2),
  options: { size: { type: "string", default: "1280x720" }, times: { type: "string", default: "50" } },
});
const [width = 1280, height = 720] = values.size.split("x").map(Number);
const [before, now, after] = [-11, 0, 14].map((x) => renderClouds({ width, height, x, y: x / 2 })) as [
  Picture,
  Picture,
  Picture,
];
const [one, other] = [flowPyramid(now), flowPyramid(before)];
const flow = blockFlow(one, other);
const [a, b] = [reducePicture(now), reducePicture(before)];

/** Processor time, the least of several, in milliseconds. */
function time(name: string, work: () => void): void {
  for (let i = 0; i < 10; i++) work();
  const times = Array.from({ length: Number(values.times) }, () => {
    const before = cpuUsage();
    work();
    const { user, system } = cpuUsage(before);
    return (user + system) / 1000;
  });
  stdout.write(`${name.padEnd(44)}${Math.min(...times).toFixed(2)} ms\n`);
}

time("reducing a picture", () => flowPyramid(now));
time("block flow to a neighbour", () => blockFlow(one, other));
time("moving it onto the picture", () => freePicture(moveOnto(before, flow)));
time("telling whether it fits", () => mismatch(a, b));
time("all of it, both neighbours", () => {
  const region = { x: 0, y: 0, width, height };
  for (const aligned of alignNeighbours(now, { previous: before, next: after }, region)) {
    if (aligned) freePicture(aligned.moved);
  }
});

/** As if restoring had changed everything by ten grey levels. */
const changed = (picture: Picture) => {
  const change = blockDifference(picture, picture);
  return changedPicture(picture, { ...change, values: change.values.fill(10) });
};
const [earlier, later] = [changed(before), changed(after)];
time("fusing it with both", () => freePicture(fuseNeighbours(changed(now), [earlier, later])));
