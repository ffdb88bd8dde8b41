import { setTimeout as delay } from "node:timers/promises";
import { type FormatContext, Log } from "node-av/lib";
import { AV_LOG_INFO, AV_LOG_QUIET } from "node-av/constants";

/** How long FFmpeg's description of a file may take to arrive; it comes from another thread. */
const PATIENCE_MS = 200;

/** FFmpeg has one log for all; whoever reads it has it alone. */
let reading: Promise<unknown> = Promise.resolve();

/** Chapters of an open file. The binding knows of none, but FFmpeg's own description of a file lists them. */
export function countChapters(container: FormatContext): Promise<number> {
  const counted = reading.then(() => describeAndCount(container));
  // The next one waits for the log, not for how this one fared.
  reading = counted.catch(() => {});
  return counted;
}

async function describeAndCount(container: FormatContext): Promise<number> {
  const mark = `chapters of ${crypto.randomUUID()}`;
  let [isOurs, isOver, count] = [false, false, 0];
  Log.setCallback((_level, text) => {
    isOurs ||= text.includes(mark);
    // The streams, of which there is one at least, are described after the chapters.
    isOver ||= isOurs && /^ *Stream #/.test(text);
    if (isOurs && !isOver && /^ *Chapter #/.test(text)) count++;
  }, { maxLevel: AV_LOG_INFO });
  Log.setLevel(AV_LOG_INFO);
  try {
    container.dumpFormat(0, mark, false);
    for (let waited = 0; !isOver && waited < PATIENCE_MS; waited++) await delay(1);
    return count;
  } finally {
    Log.setLevel(AV_LOG_QUIET);
    Log.resetCallback();
  }
}
