import { readFile } from "node:fs/promises";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { MediaError, messageOf } from "../../errors.ts";
import { bucketOf, STREAMS, SUBJECTS, WORKERS } from "./job_subjects.ts";

/** Options of {@linkcode JobServer.connect}. */
export interface JobServerOptions {
  /** A credentials file as NATS has them. @default {none} */
  readonly credentials?: string | undefined;
  /** How long a worker may be silent before its segment goes to another one, milliseconds. @default {30000} */
  readonly silenceMs?: number;
}

/** The default of {@linkcode JobServerOptions.silenceMs}. */
export const SILENCE_MS = 30_000;
/** Days after which the server removes what is left of a job. */
const KEPT_DAYS = 14;
const NANOS_PER_MS = 1e6;

/** A NATS server with JetStream that jobs are shared through. Dispose it, which closes the connection. */
export class JobServer implements AsyncDisposable {
  /** The address without its user and password. */
  readonly shown: string;
  readonly streams: JetStreamManager;
  readonly client: JetStreamClient;
  readonly #connection: NatsConnection;
  readonly #stores: Objm;

  private constructor(shown: string, connection: NatsConnection, streams: JetStreamManager) {
    [this.shown, this.#connection, this.streams] = [shown, connection, streams];
    this.client = jetstream(connection);
    this.#stores = new Objm(this.client);
  }

  /**
   * Connects, and makes the streams unless they are there. A connection that breaks is made again for as long as it takes.
   *
   * @param address `nats://host:4222` or `tls://host:4222`.
   * @throws {MediaError} naming the address, if it cannot be used, or this program may not use the network.
   */
  static async connect(address: string, options: JobServerOptions = {}): Promise<JobServer> {
    const shown = withoutPassword(address);
    const { credentials, silenceMs = SILENCE_MS } = options;
    await requestNetwork(address, shown);
    const authenticator = credentials === undefined
      ? {}
      : { authenticator: credsAuthenticator(await readCredentials(credentials)) };
    const connection = await connect({
      servers: address,
      ...authenticator,
      maxReconnectAttempts: -1,
      ...(address.startsWith("tls:") && { tls: {} }),
    }).catch((cause) => {
      throw new MediaError(shown, `Cannot reach this NATS server: ${messageOf(cause)}`, { cause });
    });
    try {
      const streams = await jetstreamManager(connection);
      const server = new JobServer(shown, connection, streams);
      await server.#makeStreams(silenceMs);
      return server;
    } catch (cause) {
      await connection.close();
      const help = "Start nats-server with -js, and allow this user to make streams";
      throw new MediaError(shown, `It cannot hold jobs: ${messageOf(cause)}. ${help}`, { cause });
    }
  }

  /** The store of a job, made unless it is there. @param mostBytes What it may hold. */
  async makeStore(job: string, mostBytes: number): Promise<ObjectStore> {
    return await this.#stores.create(bucketOf(job), {
      storage: StorageType.File,
      max_bytes: mostBytes,
      ttl: KEPT_DAYS * 86_400_000 * NANOS_PER_MS,
    });
  }

  /** The store of a job; `undefined` if there is none: the job has ended, or was cancelled. */
  async openStore(job: string): Promise<ObjectStore | undefined> {
    try {
      const store = await this.#stores.open(bucketOf(job));
      await store.status();
      return store;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The newest message of a subject; `undefined` if there is none. */
  async newest(subject: string): Promise<Uint8Array | undefined> {
    try {
      return (await this.streams.streams.getMessage(STREAMS.state, { last_by_subj: subject }))?.data;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Subjects of the state that fit a pattern. */
  async subjects(pattern: string): Promise<string[]> {
    const { state } = await this.streams.streams.info(STREAMS.state, { subjects_filter: pattern });
    return Object.keys(state.subjects ?? {});
  }

  /** Removes all that the server holds of a job. */
  async removeJob(job: string): Promise<void> {
    await this.streams.streams.purge(STREAMS.tasks, { filter: SUBJECTS.task(job, "*") });
    for (const filter of [SUBJECTS.job(job), SUBJECTS.progress(job), SUBJECTS.result(job, "*")]) {
      await this.streams.streams.purge(STREAMS.state, { filter });
    }
    await (await this.openStore(job))?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  async #makeStreams(silenceMs: number): Promise<void> {
    const { streams, consumers } = this.streams;
    const kept = { max_age: KEPT_DAYS * 86_400_000 * NANOS_PER_MS, storage: StorageType.File };
    await streams.add({
      ...{ name: STREAMS.tasks, subjects: [SUBJECTS.tasks], ...kept },
      retention: RetentionPolicy.Workqueue,
    });
    await streams.add({
      ...{ name: STREAMS.state, subjects: [SUBJECTS.state], ...kept },
      max_msgs_per_subject: 1,
      discard: DiscardPolicy.Old,
    });
    await consumers.add(STREAMS.tasks, {
      durable_name: WORKERS,
      ack_policy: AckPolicy.Explicit,
      ack_wait: silenceMs * NANOS_PER_MS,
      max_deliver: -1, // workers count the tries, so that the job learns of the last one
      max_ack_pending: -1,
    });
  }
}

/** Whether the server says that there is no such message, stream or object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && /not found|no message found|no responders/i.test(error.message);
}

/** Asks on a terminal whether the host may be reached, unless this program may do so already. */
async function requestNetwork(address: string, shown: string): Promise<void> {
  const { hostname: host } = new URL(address);
  const { state } = await Deno.permissions.request({ name: "net", host });
  if (state === "granted") return;
  const help = `Use deno task deblur:workers instead of deblur, or deno run with --allow-net=${host}`;
  throw new MediaError(shown, `This program may not use the network to ${host}. ${help}`);
}

async function readCredentials(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause) => {
    throw new MediaError(path, `Cannot read the credentials: ${messageOf(cause)}`, { cause });
  });
}

function withoutPassword(address: string): string {
  return address.replace(/^(\w+:\/\/)[^/@]*@/, "$1");
}
