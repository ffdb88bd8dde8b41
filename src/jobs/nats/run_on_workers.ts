import { basename } from "node:path";
import { rename, rm } from "node:fs/promises";
import type { ObjectStore } from "@nats-io/obj";
import { MediaError, messageOf } from "../../errors.ts";
import type { Progress } from "../../progress.ts";
import { hashFile } from "../../hash_file.ts";
import { jobDigest, serializeManifest } from "../job_manifest.ts";
import type { SegmentListeners, SegmentRunner } from "../restore_in_segments.ts";
import type { WorkFolder } from "../work_folder.ts";
import {
  type JobState,
  messageBytes,
  parseMessage,
  RESULT,
  type SegmentResult,
  WORKER_STATE,
} from "./job_messages.ts";
import type { JobServer } from "./job_server.ts";
import { jobId, OBJECTS, STREAMS, SUBJECTS } from "./job_subjects.ts";
import { keepTrying, pause } from "./keep_trying.ts";
import { getFile, putFile } from "./stored_files.ts";

/** What {@linkcode runOnWorkers} hands out. */
export interface SharedJob {
  /** The whole input. */
  readonly input: string;
  /** The files of the weights, in the order of the manifest. */
  readonly weights: readonly Uint8Array[];
  /** Told where the job is, and what could not be removed from the server in the end. */
  readonly onNote?: (line: string) => void;
}

/** Between two looks at the server, milliseconds. */
const LOOK_MS = 500;
/** Room in the store for segments that wait to be fetched: at least this, or the size of the input. */
const LEAST_ROOM = 2 ** 30;
/** No segment is larger. */
const MOST_SEGMENT_BYTES = 2 ** 36;

/**
 * Hands the missing segments of a job to the workers of a server and fetches what they restore. Input, weights and segments travel through
 * the server's object store, and are removed from it in the end, whatever the end is. A segment that fails for good does not stop the others.
 *
 * @throws {MediaError} naming the segments that failed and the last error, that the job was cancelled, or that the server has no room.
 */
export function runOnWorkers(server: JobServer, shared: SharedJob): SegmentRunner {
  return async (work, listeners) => {
    if (work.missing.length === 0) return;
    const job = new JobOnWorkers(server, shared, work, listeners);
    try {
      await job.begin();
      shared.onNote?.(`job ${job.id} waits for workers at ${server.shown}`);
      await job.fetchAll();
    } finally {
      await server.removeJob(job.id).catch((error) => {
        shared.onNote?.(`Job ${job.id} could not be removed from the server: ${messageOf(error)}`);
      });
    }
  };
}

class JobOnWorkers {
  readonly id: string;
  readonly #server: JobServer;
  readonly #shared: SharedJob;
  readonly #work: WorkFolder;
  readonly #listeners: SegmentListeners;
  readonly #startedAt = Date.now();
  readonly #before: number;
  readonly #digest: string;
  readonly #failed = new Map<number, string>();
  #store: ObjectStore | undefined;

  constructor(server: JobServer, shared: SharedJob, work: WorkFolder, listeners: SegmentListeners) {
    [this.#server, this.#shared, this.#work, this.#listeners] = [server, shared, work, listeners];
    this.#digest = jobDigest(work.manifest);
    this.id = jobId(this.#digest);
    this.#before = work.records.size;
  }

  /** Puts everything that workers need on the server, and the segments into the queue. */
  async begin(): Promise<void> {
    const { manifest, missing } = this.#work;
    const { input, weights } = this.#shared;
    await this.#server.removeJob(this.id); // what a run that was killed has left
    const weightBytes = weights.reduce((sum, { length }) => sum + length, 0);
    const room = manifest.input.size + weightBytes + Math.max(LEAST_ROOM, manifest.input.size);
    const store = await this.#server.makeStore(this.id, room).catch((cause) => {
      const what = `The server gives no ${(room / 2 ** 30).toFixed(1)} GiB for this job: ${messageOf(cause)}`;
      throw new MediaError(this.#server.shown, `${what}. Raise its max_file_store`, { cause });
    });
    this.#store = store;
    this.#listeners.signal?.throwIfAborted();
    await store.putBlob({ name: OBJECTS.manifest }, new TextEncoder().encode(serializeManifest(manifest)));
    for (const [i, sha256] of manifest.weights.entries()) {
      await store.putBlob({ name: OBJECTS.weights(sha256) }, weights[i] ?? new Uint8Array());
    }
    await putFile(store, OBJECTS.input, input);
    await this.#tellState();
    await this.#server.client.publish(SUBJECTS.job(this.id), new Uint8Array());
    for (const index of missing) {
      this.#listeners.signal?.throwIfAborted();
      await this.#queue(index);
    }
  }

  /** Fetches segments as they are done, until all are, or the rest has failed. */
  async fetchAll(): Promise<void> {
    const { signal } = this.#listeners;
    const isFinal = (error: unknown) => error instanceof MediaError;
    for (;;) {
      await keepTrying(() => this.#look(), { signal, isFinal });
      const left = this.#work.missing.filter((index) => !this.#failed.has(index));
      if (left.length === 0) break;
      await pause(LOOK_MS, signal);
    }
    const [first] = [...this.#failed].sort(([a], [b]) => a - b);
    if (first === undefined) return;
    const [index, error] = first;
    const others = this.#failed.size > 1 ? ` (and ${this.#failed.size - 1} more)` : "";
    const name = `Segment ${index + 1} of ${this.#work.manifest.segments.length}${others}`;
    throw new MediaError(this.#shared.input, `${name} failed: ${error}. The same command tries again`);
  }

  async #look(): Promise<void> {
    if (await this.#server.newest(SUBJECTS.job(this.id)) === undefined) {
      throw new MediaError(this.#shared.input, `Its job ${this.id} was cancelled on ${this.#server.shown}`);
    }
    for (const subject of await this.#server.subjects(SUBJECTS.result(this.id, "*"))) {
      this.#listeners.signal?.throwIfAborted();
      await this.#take(subject);
    }
    await this.#tellProgress();
    await this.#tellState();
  }

  async #take(subject: string): Promise<void> {
    const index = Number(subject.split(".").at(-1));
    const data = await this.#server.newest(subject);
    const result = data && parseMessage(RESULT, data);
    if (this.#work.manifest.segments[index] !== undefined && !this.#work.records.has(index)) {
      if (result?.kind === "failed") this.#failed.set(index, result.error);
      else if (result === undefined || !await this.#fetch(index, result)) await this.#queue(index);
    }
    await this.#store?.delete(OBJECTS.segment(index)).catch((error) => {
      if (result?.kind === "done") throw error; // there was one
    });
    await this.#server.streams.streams.purge(STREAMS.state, { filter: subject });
  }

  /** @returns `false` if what came is not what was restored: it is done again. */
  async #fetch(
    index: number,
    { record, bytes }: SegmentResult & { readonly kind: "done" },
  ): Promise<boolean> {
    const path = this.#work.segmentPath(index);
    const part = `${path}.part`;
    const isOther = record.job !== this.#digest || record.index !== index;
    if (this.#store === undefined || isOther || bytes > MOST_SEGMENT_BYTES) return false;
    if (!await getFile(this.#store, OBJECTS.segment(index), part, bytes)) return false;
    if (await hashFile(part) !== record.sha256) {
      await rm(part);
      return false;
    }
    await rename(part, path);
    await this.#work.addRecord(index, record);
    this.#listeners.onDone();
    return true;
  }

  async #queue(index: number): Promise<void> {
    await keepTrying(
      () =>
        this.#server.client.publish(
          SUBJECTS.task(this.id, index),
          messageBytes({ job: this.id, index }),
        ),
      { signal: this.#listeners.signal },
    );
  }

  async #tellState(): Promise<void> {
    const { manifest: { segments }, records } = this.#work;
    const state: JobState = {
      name: basename(this.#shared.input),
      segments: segments.length,
      done: records.size,
      before: this.#before,
      startedAt: this.#startedAt,
      at: Date.now(),
    };
    await this.#server.client.publish(SUBJECTS.progress(this.id), messageBytes(state));
  }

  /** Adds up what the workers say of the segments that they restore. */
  async #tellProgress(): Promise<void> {
    let frames = 0;
    for (const subject of await this.#server.subjects(SUBJECTS.worker("*"))) {
      const data = await this.#server.newest(subject);
      const state = data && parseMessage(WORKER_STATE, data);
      const { task, share = 0 } = state ?? {};
      if (task?.job !== this.id || this.#work.records.has(task.index)) continue;
      frames += Math.round(share * (this.#work.manifest.segments[task.index]?.frames ?? 0));
    }
    const progress: Progress = { kind: "frame", done: frames, framesPerSecond: 0 };
    if (frames > 0) this.#listeners.onProgress(progress);
  }
}
