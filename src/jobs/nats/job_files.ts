import { mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { ObjectStore } from "@nats-io/obj";
import { MediaError } from "../../errors.ts";
import { parseWeights, type Weights } from "../../model/weights/weights.ts";
import { hashFile } from "../../hash_file.ts";
import { identifyFile } from "../identify_file.ts";
import { jobDigest, type JobManifest, parseManifest } from "../job_manifest.ts";
import { packageVersions } from "../package_versions.ts";
import type { JobServer } from "./job_server.ts";
import { jobId, OBJECTS } from "./job_subjects.ts";
import { getFile } from "./stored_files.ts";

/** What a worker needs of a job. */
export interface JobFiles {
  readonly manifest: JobManifest;
  /** The whole input, in the worker's folder. */
  readonly input: string;
  readonly store: ObjectStore;
  readonly weights: Weights;
  readonly alone?: Weights;
}

/** The largest manifest and weights that are fetched, bytes. */
const MOST_MANIFEST = 2 ** 28;
const MOST_WEIGHTS = 2 ** 30;

/** The files of the newest job of a worker, each fetched once, in a folder of its own. */
export class JobCache {
  readonly #server: JobServer;
  readonly #folder: string;
  #newest: { readonly job: string; readonly files: JobFiles } | undefined;

  /** @param folder Belongs to the worker alone. */
  constructor(server: JobServer, folder: string) {
    [this.#server, this.#folder] = [server, folder];
  }

  /**
   * The files of a job, fetched unless they are here.
   *
   * @returns `undefined` if the job has ended.
   * @throws {MediaError} if what the server has is not what the job's id stands for.
   */
  async open(job: string): Promise<JobFiles | undefined> {
    const store = await this.#server.openStore(job);
    if (store === undefined) return undefined;
    if (this.#newest?.job === job) return { ...this.#newest.files, store };
    this.#newest = undefined;
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder);
    const files = await this.#fetch(job, store);
    if (files) this.#newest = { job, files };
    return files;
  }

  async #fetch(job: string, store: ObjectStore): Promise<JobFiles | undefined> {
    const place = (name: string) => join(this.#folder, name);
    if (!await getFile(store, OBJECTS.manifest, place("manifest"), MOST_MANIFEST)) return undefined;
    const manifest = parseManifest(await readFile(place("manifest"), "utf8"));
    if (jobId(jobDigest(manifest)) !== job) throw new MediaError(job, "The manifest is another job's");
    const [needed, here] = [manifest.versions, await packageVersions()].map(versionsText);
    if (needed !== here) {
      throw new MediaError(job, `It needs ${needed}; this worker (${hostname()}) has ${here}`);
    }
    const weights: Weights[] = [];
    for (const [i, sha256] of manifest.weights.entries()) {
      const path = place(OBJECTS.weights(sha256));
      if (!await getFile(store, OBJECTS.weights(sha256), path, MOST_WEIGHTS)) return undefined;
      if (await hashFile(path) !== sha256) throw new MediaError(job, "The weights are not those of the job");
      const calibration = manifest.calibrations?.[i];
      weights.push({ ...parseWeights(await readFile(path), path), ...(calibration && { calibration }) });
    }
    const input = place("input");
    if (!await getFile(store, OBJECTS.input, input, manifest.input.size)) return undefined;
    const { size, ends } = await identifyFile(input);
    if (size !== manifest.input.size || ends !== manifest.input.ends) {
      throw new MediaError(job, "The input is not that of the job");
    }
    const [first, alone] = weights;
    if (first === undefined) return undefined;
    return { manifest, input, store, weights: first, ...(alone && { alone }) };
  }
}

function versionsText(versions: JobManifest["versions"]): string {
  return Object.entries(versions).sort().map(([name, version]) => `${name} ${version}`).join(", ");
}
