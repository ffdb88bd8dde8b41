import type { PassThrough } from "node:stream";
// @ts-types="npm:@types/fluent-ffmpeg@^2.1.27"
import ffmpeg, { type FfmpegCommand } from "fluent-ffmpeg";
import { FFmpegError } from "../../errors.ts";

/** How many lines of ffmpeg's stderr are kept for an error. */
const KEPT_LINES = 30;

/**
 * One run of an ffmpeg program of the user's own: stderr is always read, no shell is involved, and disposing it ends
 * the program.
 */
export class FfmpegProcess implements AsyncDisposable {
  readonly #command: FfmpegCommand;
  readonly #stderr: string[] = [];
  readonly #done = Promise.withResolvers<void>();
  #args: readonly string[] = [];
  #state: "unused" | "started" | "running" | "done" = "unused";
  #isKilled = false;

  /** @param onLine gets every line of stderr */
  constructor(program: string, describe: (command: FfmpegCommand) => void, onLine?: (line: string) => void) {
    this.#command = ffmpeg().setFfmpegPath(program);
    // A failure reaches those who await the end; nobody has to.
    this.#done.promise.catch(() => {});
    this.#command
      .on("start", (line) => {
        this.#args = line.split(" ").slice(1);
        this.#state = "running";
        if (this.#isKilled) this.#command.kill("SIGKILL");
      })
      .on("stderr", (line) => {
        this.#stderr.push(line);
        if (this.#stderr.length > KEPT_LINES) this.#stderr.shift();
        onLine?.(line);
      })
      .on("end", () => this.#end())
      .on("error", (cause) => this.#end(cause));
    describe(this.#command);
  }

  /** Resolves when ffmpeg has ended well. @throws {FFmpegError} if it failed. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Starts ffmpeg; what it writes to its standard output goes to `output`, where it has no other. */
  start(output?: PassThrough): void {
    this.#state = "started";
    if (output) this.#command.pipe(output, { end: true });
    else this.#command.run();
  }

  /** Ends the program at once: what it has written so far is not used, so there is nothing to complete. */
  kill(): void {
    this.#isKilled = true;
    if (this.#state === "running") this.#command.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "unused" || this.#state === "done") return;
    this.kill();
    await this.#done.promise.catch(() => {}); // it fails because it was killed
  }

  #end(cause?: Error): void {
    this.#state = "done";
    if (cause === undefined) return this.#done.resolve();
    const code = /exited with code (\d+)/.exec(cause.message)?.[1];
    // ffmpeg ends with this line whatever failed.
    const lines = this.#stderr.filter((line) => line.trim() !== "Conversion failed!");
    const said = lines.length > 0 ? lines.join("\n") : cause.message;
    this.#done.reject(new FFmpegError(this.#args, code === undefined ? null : Number(code), said, { cause }));
  }
}
