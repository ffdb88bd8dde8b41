import { randomBytes } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { formatBytes } from "../../../static/format.js";
import { messageOf } from "../../errors.ts";
import type { UploadRecord } from "./job.ts";
import type { JobFolder } from "./job_folder.ts";
import { safeName } from "./safe_name.ts";

/** A file that is being sent. */
export interface IncomingFile {
  /** As it was sent; what is kept is made safe. */
  readonly name: string;
  /** Bytes announced. */
  readonly bytes: number;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Options of {@linkcode Uploads}. */
export interface UploadsOptions {
  readonly folder: JobFolder;
  /** Opens a received file to see whether it can be restored; closes it again. */
  readonly probe: (path: string) => Promise<void>;
  /** Largest file, in bytes. @default {16 GiB} */
  readonly limit?: number;
  /** Bytes that stay free on the disk, for results. @default {256 MiB} */
  readonly reserve?: number;
  /** Milliseconds without a byte after which a file is given up. @default {30_000} */
  readonly stallMs?: number;
  /** Files received at once; others wait. @default {4} */
  readonly atOnce?: number;
}

/** Files that wait for their turn to be received. */
const MOST_WAITING = 100;

/** A file that is not taken. */
export class UploadError extends Error {
  /** "UploadError". */
  override readonly name = "UploadError";
  /** HTTP status. */
  readonly status: 400 | 408 | 413 | 422 | 503 | 507;

  /** Creates the error. @param message For the user. */
  constructor(status: UploadError["status"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The files that viewers have sent, each whole and in a folder of its own. */
export class Uploads {
  readonly #options: Required<UploadsOptions>;
  readonly #files: Map<string, UploadRecord>;
  readonly #waiting: (() => void)[] = [];
  #receiving = 0;
  /** Bytes announced by the files being received. */
  #announced = 0;

  /** @param files Those that are there already. */
  constructor(options: UploadsOptions, files: readonly UploadRecord[] = []) {
    this.#options = { limit: 16 * 2 ** 30, reserve: 2 ** 28, stallMs: 30_000, atOnce: 4, ...options };
    this.#files = new Map(files.map((file) => [file.id, file]));
  }

  /** Largest file, in bytes. */
  get limit(): number {
    return this.#options.limit;
  }

  /** Oldest first. */
  list(): readonly UploadRecord[] {
    return [...this.#files.values()];
  }

  /** Where a file is; `undefined` if there is none of that id. */
  path(id: string): string | undefined {
    const file = this.#files.get(id);
    return file && this.#options.folder.uploadPath(file);
  }

  /** Whether a file of that size would be taken now. @throws {UploadError} if not, saying why. */
  async check(bytes: number): Promise<void> {
    this.#refuseSize(bytes);
    await this.#refuseWithoutSpace(bytes, bytes);
  }

  /**
   * Receives a file and looks whether it can be restored. Whatever goes wrong, nothing of it is left.
   *
   * @throws {UploadError} if it is not taken.
   */
  async receive(file: IncomingFile): Promise<UploadRecord> {
    this.#refuseSize(file.bytes);
    await this.#awaitTurn();
    const record = {
      id: `upload-${randomBytes(6).toString("hex")}`,
      name: safeName(file.name),
      bytes: file.bytes,
    };
    this.#announced += file.bytes;
    try {
      await this.#refuseWithoutSpace(file.bytes);
      await this.#write(record, file);
      this.#files.set(record.id, record);
      return record;
    } catch (error) {
      await this.#options.folder.removeUpload(record);
      throw explained(error);
    } finally {
      this.#announced -= file.bytes;
      this.#receiving--;
      this.#waiting.shift()?.();
    }
  }

  /** Deletes a file. */
  async remove(id: string): Promise<void> {
    const file = this.#files.get(id);
    this.#files.delete(id);
    if (file) await this.#options.folder.removeUpload(file);
  }

  #refuseSize(bytes: number): void {
    const { limit } = this.#options;
    if (bytes === 0) throw new UploadError(400, "The file is empty. Choose a video or a picture");
    if (bytes <= limit) return;
    throw new UploadError(
      413,
      `The file is larger than this server takes: ${formatBytes(bytes)} of at most ${formatBytes(limit)}`,
    );
  }

  async #awaitTurn(): Promise<void> {
    if (this.#receiving >= this.#options.atOnce) {
      if (this.#waiting.length >= MOST_WAITING) {
        throw new UploadError(503, "Too many files are being sent at once. Try again later");
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#receiving++;
  }

  /** @param more Bytes that are not announced yet. */
  async #refuseWithoutSpace(bytes: number, more = 0): Promise<void> {
    const { folder, reserve } = this.#options;
    const free = await folder.freeBytes() - reserve - (this.#announced + more - bytes);
    if (bytes <= free) return;
    const left = `${formatBytes(bytes)} do not fit into ${formatBytes(Math.max(0, free))}`;
    throw new UploadError(
      507,
      `The server's disk is too full for this file: ${left}. Delete results that are not needed`,
    );
  }

  async #write(record: UploadRecord, { bytes, body }: IncomingFile): Promise<void> {
    const path = this.#options.folder.uploadPath(record);
    await mkdir(dirname(path), { recursive: true });
    {
      using file = await Deno.open(`${path}.part`, { write: true, createNew: true });
      for await (const chunk of arriving(body, bytes, this.#options.stallMs)) await writeAll(file, chunk);
    }
    await rename(`${path}.part`, path);
    await this.#options.probe(path).catch((cause) => {
      throw new UploadError(
        422,
        `This file cannot be restored: ${messageOf(cause).replaceAll(path, record.name)}`,
        {
          cause,
        },
      );
    });
  }
}

/**
 * The bytes of a file as they arrive.
 *
 * @throws {UploadError} if they stop arriving, or are not as many as announced.
 */
async function* arriving(
  body: IncomingFile["body"],
  announced: number,
  stallMs: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const reader = body.getReader();
  let received = 0;
  const cutOff = (cause?: unknown) =>
    new UploadError(
      400,
      `The file was cut off: ${formatBytes(received)} of ${formatBytes(announced)} arrived`,
      {
        cause,
      },
    );
  try {
    for (;;) {
      using stall = startTimer(stallMs);
      const read = reader.read().catch((cause) => {
        throw cutOff(cause);
      });
      const { done, value } = await Promise.race([read, stall.ended]);
      if (done && received < announced) throw cutOff();
      if (done) return;
      received += value.byteLength;
      if (received > announced) throw new UploadError(400, "More of the file arrived than was announced");
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // the sender is gone, or is not listened to any more
  }
}

/** `ended` rejects after some time, unless it is disposed before. */
function startTimer(milliseconds: number): Disposable & { readonly ended: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>();
  const why = "Nothing more of the file arrived. Check the connection and send it again";
  const timer = setTimeout(() => reject(new UploadError(408, why)), milliseconds);
  return { ended: promise, [Symbol.dispose]: () => clearTimeout(timer) };
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += await file.write(bytes.subarray(at));
}

/** A full disk in words; other errors as they are. */
function explained(error: unknown): unknown {
  if (error instanceof UploadError || !/ENOSPC|no space left|EFBIG|file too large/i.test(messageOf(error))) {
    return error;
  }
  const what = "The server's disk became full while the file arrived. Delete results that are not needed";
  return new UploadError(507, what, { cause: error });
}
