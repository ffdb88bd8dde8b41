import { Writable } from "node:stream";
// @ts-types="npm:@types/cli-progress@^3.11.6"
import { Presets, SingleBar } from "cli-progress";
import type { CommandIo } from "./command_io.ts";
import { clock } from "./format_text.ts";

/** A progress bar in one line of the terminal. Disposing it leaves the line as it is. */
export interface ProgressBar extends Disposable {
  /**
   * Draws the bar.
   *
   * @param done Units done; of one that is being done the share.
   * @param total Of how many; `undefined` for a live source.
   * @param note Shown behind the bar: "2.1 frames/s".
   */
  update(done: number, total: number | undefined, note: string): void;
}

/** Prints a line while a bar may be shown, where the cursor is at the bar's end. */
export function printBelowBar({ isTerminal, stderr }: CommandIo, line: string): void {
  stderr(isTerminal ? `\n${line}\n` : `${line}\n`);
}

/** Formats for a known and an unknown total; they should fit 80 columns, because the rest is cut off. */
const FORMATS = {
  bounded: "{title} {bar} {percentage}% | {whole}/{total} {unit} | {note}time left {left}",
  endless: "{title} {whole} {unit} | {note}time {spent}",
};

/**
 * A bar on a terminal; on anything else nothing is shown.
 *
 * @param unit What is counted: "frames".
 * @param before Units done before the bar was opened, which do not count for the time left.
 */
export function openProgressBar(io: CommandIo, title: string, unit: string, before = 0): ProgressBar {
  if (!io.isTerminal) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  const startedAt = performance.now();
  let bar: SingleBar | undefined;
  return {
    update(done, total, note) {
      const spent = (performance.now() - startedAt) / 1000;
      const left = total === undefined ? undefined : spent / (done - before) * (total - done);
      const figures = { note: note === "" ? "" : `${note} | `, left: clock(left), spent: clock(spent) };
      const most = Math.max(total ?? done, done);
      const payload = { title: shortened(title), unit, whole: Math.floor(done), ...figures };
      bar ??= startBar(io, total === undefined ? FORMATS.endless : FORMATS.bounded, most, payload);
      bar.setTotal(most);
      bar.update(done, payload);
    },
    [Symbol.dispose]: () => bar?.stop(),
  };
}

function startBar(io: CommandIo, format: string, total: number, payload: object): SingleBar {
  const stream = terminal(io);
  const bar = new SingleBar(
    { stream, format, hideCursor: true, fps: 10, barsize: 14 },
    Presets.shades_classic,
  );
  bar.start(total, 0, payload);
  return bar;
}

/** A title that leaves room for the figures, and has no control characters, which could move the cursor. */
function shortened(title: string): string {
  const printable = title.replaceAll(/\p{Cc}/gu, "?");
  return printable.length <= 24 ? printable : `${printable.slice(0, 12)}…${printable.slice(-11)}`;
}

/** The stream that the bar writes to. */
function terminal(io: CommandIo): NodeJS.WritableStream {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      io.stderr(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { isTTY: true });
}
