import { randomUUID } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { EngineError, messageOf } from "../../errors.ts";
import type { DeviceChoice, Engine } from "../../model/engine/engine.ts";
import { openEngine } from "../../model/engine/open_engine.ts";
import { restoreSegment } from "../restore_segment.ts";
import { JobCache, type JobFiles } from "./job_files.ts";
import { messageBytes, parseMessage, type SegmentResult, TASK, type Task } from "./job_messages.ts";
import { type JobServer, SILENCE_MS } from "./job_server.ts";
import { OBJECTS, STREAMS, SUBJECTS, WORKERS } from "./job_subjects.ts";
import { keepTrying, pause } from "./keep_trying.ts";
import { putFile } from "./stored_files.ts";
import { WorkerFolder } from "./worker_folder.ts";

/** Options of {@linkcode work}. */
export interface WorkOptions {
  /** Where the network runs. @default {"auto"} */
  readonly device?: DeviceChoice;
  /** Ends the work; a segment that is being restored goes back to the others. */
  readonly signal: AbortSignal;
  /** Told what happens, a line each. */
  readonly onLine?: (line: string) => void;
  /** As {@linkcode JobServerOptions} has it. @default {30000} */
  readonly silenceMs?: number;
  /** Before a segment that failed is tried again, milliseconds. @default {2000} */
  readonly retryMs?: number;
  /** Where to make its folder. @default {the system's folder for temporary files} */
  readonly temporary?: string;
  /** Opens engines. @default {openEngine} */
  readonly open?: (files: JobFiles, device: DeviceChoice) => Promise<Engine>;
}

/** How often a segment is tried, by any workers, before it counts as failed. */
export const MOST_TRIES = 5;
/** The default of {@linkcode WorkOptions.retryMs}. */
const RETRY_MS = 2000;
/** How long the server holds a request for a segment, milliseconds. */
const REQUEST_MS = 5000;

/**
 * Takes segments from a server, one at a time, restores them, and puts them back, until `signal` is aborted. It writes into a temporary folder
 * of its own only, and removes it.
 */
export async function work(server: JobServer, options: WorkOptions): Promise<void> {
  await using folder = await WorkerFolder.make(options.temporary ?? tmpdir());
  await using worker = new Worker(server, folder.path, options);
  await worker.run();
}

class Worker implements AsyncDisposable {
  readonly #server: JobServer;
  readonly #folder: string;
  readonly #options: WorkOptions;
  readonly #cache: JobCache;
  readonly #id = randomUUID();
  #engine: { readonly weights: string; readonly engine: Engine } | undefined;

  constructor(server: JobServer, folder: string, options: WorkOptions) {
    [this.#server, this.#folder, this.#options] = [server, folder, options];
    this.#cache = new JobCache(server, join(folder, "job"));
  }

  async run(): Promise<void> {
    const { signal, onLine } = this.#options;
    const consumer = await this.#server.client.consumers.get(STREAMS.tasks, WORKERS);
    onLine?.(`Waiting for segments from ${this.#server.shown}`);
    while (!signal.aborted) {
      try {
        await this.#tell();
        const message = await this.#next(consumer);
        if (message) await this.#take(message);
      } catch (error) {
        if (signal.aborted) break;
        onLine?.(`${this.#server.shown}: ${messageOf(error)}. Trying again`);
        await pause(RETRY_MS, signal).catch(() => {}); // it ends at the next round
      }
    }
    await this.#server.streams.streams.purge(STREAMS.state, { filter: SUBJECTS.worker(this.#id) })
      .catch(() => {}); // a state that is not renewed is ignored
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.engine[Symbol.asyncDispose]();
  }

  /** The next message; `undefined` if none came, or the work is to end. */
  async #next(consumer: Consumer): Promise<JsMsg | undefined> {
    const { signal } = this.#options;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const end = () => resolve(undefined);
    signal.addEventListener("abort", end, { once: true });
    const next = consumer.next({ expires: REQUEST_MS });
    next.catch(() => {}); // of a request that is no longer awaited
    try {
      return await Promise.race([next, promise]) ?? undefined;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async #take(message: JsMsg): Promise<void> {
    const { signal, onLine, silenceMs = SILENCE_MS, retryMs = RETRY_MS } = this.#options;
    const task = parseMessage(TASK, message.data);
    if (task === undefined) return message.term();
    const tries = message.info.deliveryCount;
    const name = `segment ${task.index + 1} of job ${task.job}`;
    const cancelling = new AbortController();
    let share = 0;
    // While it says nothing, the server gives the segment to another worker.
    const beat = setInterval(async () => {
      message.working();
      const isWanted = await this.#isWanted(task).catch(() => true); // a server that is away comes back
      if (!isWanted) cancelling.abort(new Error("The job has ended"));
      await this.#tell(task, share).catch(() => {}); // the next beat repeats it
    }, silenceMs / 4);
    try {
      if (tries > MOST_TRIES) throw new Error(`${tries - 1} workers took it, and died or were lost`);
      const result = await this.#restore(task, AbortSignal.any([signal, cancelling.signal]), (done) => {
        share = done;
      });
      if (result) {
        await keepTrying(() => this.#publish(task, result), { signal });
        onLine?.(`Done: ${name}`);
      }
      await message.ackAck();
    } catch (error) {
      if (signal.aborted) return message.nak();
      if (cancelling.signal.aborted) return message.term();
      onLine?.(`Failed: ${name}, try ${Math.min(tries, MOST_TRIES)} of ${MOST_TRIES}: ${messageOf(error)}`);
      if (tries < MOST_TRIES) return message.nak(retryMs);
      const failed = { kind: "failed", error: messageOf(error).slice(0, 2000), tries } as const;
      await keepTrying(() => this.#publish(task, failed), { signal });
      message.term();
    } finally {
      clearInterval(beat);
    }
  }

  /** @returns `undefined` if the job has ended meanwhile. */
  async #restore(
    task: Task,
    signal: AbortSignal,
    onShare: (share: number) => void,
  ): Promise<SegmentResult | undefined> {
    const { index } = task;
    const files = await this.#cache.open(task.job);
    if (files === undefined) return undefined;
    const { manifest, input, store } = files;
    const frames = manifest.segments[index]?.frames ?? 1;
    const engine = await this.#engineFor(files);
    const path = join(this.#folder, "segment");
    const record = await restoreSegment({ input, manifest, index, path }, engine, {
      signal,
      onProgress: (progress) =>
        void (progress.kind === "frame" && onShare(Math.min(1, progress.done / frames))),
    });
    const { size } = await stat(path);
    await keepTrying(() => putFile(store, OBJECTS.segment(index), path), { signal });
    await rm(path);
    return { kind: "done", record, bytes: size };
  }

  async #engineFor(files: JobFiles): Promise<Engine> {
    const { device = "auto", open = openOn, onLine } = this.#options;
    const { weights: hashes, settings: { precision }, calibrations = [] } = files.manifest;
    const weights = [...hashes, precision, ...calibrations.map((each) => JSON.stringify(each))].join();
    if (this.#engine?.weights === weights) return this.#engine.engine;
    await this.#engine?.engine[Symbol.asyncDispose]();
    this.#engine = undefined;
    const engine = await open(files, device);
    this.#engine = { weights, engine };
    for (const note of engine.notes ?? []) onLine?.(note);
    return engine;
  }

  async #isWanted({ job }: Task): Promise<boolean> {
    return await this.#server.newest(SUBJECTS.job(job)) !== undefined;
  }

  async #publish({ job, index }: Task, result: SegmentResult): Promise<void> {
    await this.#server.client.publish(SUBJECTS.result(job, index), messageBytes(result));
  }

  async #tell(task?: Task, share?: number): Promise<void> {
    const { device = "auto" } = this.#options;
    const state = {
      host: hostname().slice(0, 200),
      device: this.#engine?.engine.device ?? device,
      ...(task && { task }),
      ...(share !== undefined && { share }),
      at: Date.now(),
    };
    await this.#server.client.publish(SUBJECTS.worker(this.#id), messageBytes(state));
  }
}

async function openOn({ manifest, weights, alone }: JobFiles, device: DeviceChoice): Promise<Engine> {
  const { precision } = manifest.settings;
  if (precision === "int8" && device !== "auto" && device !== "cpu") {
    const advice = "Start the worker with --device auto or cpu, or the job with --precision float32";
    throw new EngineError(device, `its job is computed with int8, on processors only. ${advice}`);
  }
  return await openEngine({ weights, ...(alone && { alone }), device, precision });
}
