// @ts-check
/** @import { JobSettings } from "../src/server/jobs/job.ts" */

/** Text as one word of a shell. @param {string} text */
function quoted(text) {
  return /^[\w./:,@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Seconds as short as they can be told apart. @param {number} seconds */
function plainSeconds(seconds) {
  return String(Number(seconds.toFixed(6)));
}

/**
 * The command that does what a job does.
 *
 * @param {string} name Of the source, relative to the folder that is served.
 * @param {JobSettings} settings
 */
export function commandLine(name, { preset, device, detail, everywhere, codec, crf, range, crop }) {
  const file = name.startsWith("-") ? `./${name}` : name;
  const words = ["deno", "task", "deblur", quoted(file), "--preset", preset];
  if (device !== "auto") words.push("--device", device);
  if (detail !== 1) words.push("--detail", String(detail));
  if (everywhere) words.push("--everywhere");
  if (range) {
    words.push("--start", plainSeconds(range.start), "--duration", plainSeconds(range.end - range.start));
  }
  if (crop) words.push("--crop", [crop.x, crop.y, crop.width, crop.height].join(","));
  if (codec !== null) words.push("--codec", codec);
  if (crf !== null) words.push("--crf", String(crf));
  return words.join(" ");
}
