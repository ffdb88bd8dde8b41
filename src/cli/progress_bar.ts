import { Writable } from "node:stream";
import { Format, Presets, SingleBar } from "cli-progress";
import type { CommandIo } from "./command_io.ts";

/** One line on the terminal that says how far a job is. Disposing it leaves the line as it is. */
export interface ProgressBar extends Disposable {
  /** @param done Units done. @param total Of how many; unknown for a live source. @param note Figures shown behind: "2.1 frames/s". */
  update(done: number, total: number | undefined, note: string): void;
}

/**
 * A bar on a terminal; on anything else nothing is shown.
 *
 * @param unit What is counted: "frames".
 * @param before Units that were done before the bar was opened, and took none of its time.
 */
export function openProgressBar(io: CommandIo, title: string, unit: string, before = 0): ProgressBar {
  if (!io.isTerminal) return { update: () => undefined, [Symbol.dispose]: () => undefined };
  const bar = new SingleBar({
    stream: terminal(io),
    hideCursor: null,
    fps: 10,
    clearOnComplete: false,
    format: `${title} {bar} {percentage}% | {value}/{total} ${unit} | {note}time left {left}`,
    formatTime: Format.TimeFormat,
  }, Presets.shades_classic);
  const startedAt = performance.now();
  let begun = false;
  return {
    update(done, total, note) {
      const left = total === undefined
        ? undefined
        : (performance.now() - startedAt) / 1000 / (done - before) * (total - done);
      const payload = { note: note === "" ? "" : `${note} | `, left: clock(left) };
      if (!begun) bar.start(total ?? done, 0, payload);
      begun = true;
      if (total !== undefined) bar.setTotal(Math.max(total, done));
      bar.update(done, payload);
    },
    [Symbol.dispose]: () => begun && bar.stop(),
  };
}

/** "1:02:03", "2:03"; "?" where it is not known. */
export function clock(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function terminal(io: CommandIo): NodeJS.WriteStream {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      io.stderr(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { isTTY: true, columns: 100 }) as unknown as NodeJS.WriteStream;
}
