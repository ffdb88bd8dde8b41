import { Writable } from "node:stream";
// @ts-types="npm:@types/cli-progress@^3.11.6"
import { Presets, SingleBar } from "cli-progress";
import type { CommandIo } from "./command_io.ts";

/** One line on the terminal that says how far a job is. Disposing it leaves the line as it is. */
export interface ProgressBar extends Disposable {
  /** @param done Units done. @param total Of how many; unknown for a live source. @param note Figures shown behind: "2.1 frames/s". */
  update(done: number, total: number | undefined, note: string): void;
}

/** Says a line while a bar may be shown: on a terminal the cursor is behind it. */
export function tellBelowBar({ isTerminal, stderr }: CommandIo, line: string): void {
  stderr(isTerminal ? `\n${line}\n` : `${line}\n`);
}

/** What is shown of a job whose end is known, and of one whose end is not; it should fit 80 columns, as the rest is cut off. */
const FORMATS = {
  bounded: "{title} {bar} {percentage}% | {value}/{total} {unit} | {note}time left {left}",
  endless: "{title} {value} {unit} | {note}time {spent}",
};

/**
 * A bar on a terminal; on anything else nothing is shown.
 *
 * @param unit What is counted: "frames".
 * @param before Units that were done before the bar was opened, and took none of its time.
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
      const payload = { title: shortened(title), unit, ...figures };
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

/** Seconds as "1:02:03" or "2:03"; "?" where they are not known. */
export function clock(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The figures behind a title matter more than its end. Control characters would move the cursor. */
function shortened(title: string): string {
  const printable = title.replaceAll(/\p{Cc}/gu, "?");
  return printable.length <= 24 ? printable : `${printable.slice(0, 12)}…${printable.slice(-11)}`;
}

/** What the bar writes to and asks whether it is a terminal. */
function terminal(io: CommandIo): NodeJS.WritableStream {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      io.stderr(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { isTTY: true });
}
