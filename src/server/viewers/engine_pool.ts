import { EngineError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import type { DeviceChoice, Engine, Restored, RestoreOptions } from "../../../mod.ts";

/** Which engine: the weights of a preset on a device. */
export interface EngineChoice {
  readonly preset: string;
  readonly device: DeviceChoice;
}

/** A viewer's or a job's share of an engine that others use too. Disposing it releases the engine. */
export interface EngineLease extends Engine {
  readonly choice: EngineChoice;
  /**
   * Restores a picture when it is this lease's turn. A lease runs one picture at a time; its further calls wait behind
   * those of the other leases, so that a viewer who asks more often gets no larger share.
   *
   * @throws {EngineError} if the device fails.
   */
  run(picture: Picture, options?: RestoreOptions): Promise<Restored>;
}

/** Options of {@linkcode EnginePool.lease}. */
export interface LeaseOptions {
  /** Open one engine more than there is room for, rather than fail. For the one job that runs. @default {false} */
  readonly mayExceedLimit?: boolean;
}

/** Options of {@linkcode EnginePool}. */
export interface EnginePoolOptions {
  readonly open: (choice: EngineChoice) => Promise<Engine>;
  /** Engines in memory at once. @default {2} */
  readonly limit?: number;
}

interface Shared {
  readonly choice: EngineChoice;
  readonly engine: Promise<Engine>;
  /** What `auto` turned out to be, once it is open. */
  device?: DeviceChoice;
  leases: number;
  running: number;
  readonly waiting: (() => void)[];
}

/** Opens each engine once for all viewers. Unused engines are disposed when another is needed, and at the end. */
export class EnginePool implements AsyncDisposable {
  readonly #open: (choice: EngineChoice) => Promise<Engine>;
  readonly #limit: number;
  readonly #engines = new Set<Shared>();
  #isDisposed = false;

  constructor({ open, limit = 2 }: EnginePoolOptions) {
    this.#open = open;
    this.#limit = limit;
  }

  /** Number of engines open or being opened. */
  get size(): number {
    return this.#engines.size;
  }

  /** Whether the engine is open, or can be opened without closing one that is in use. */
  hasRoomFor(choice: EngineChoice): boolean {
    return this.#find(choice) !== undefined || this.#engines.size < this.#limit ||
      [...this.#engines].some(({ leases }) => leases === 0);
  }

  /**
   * Opens the engine, or shares the one that is open.
   *
   * @throws {EngineError} if it cannot be opened, or if every engine in memory is in use.
   */
  async lease(choice: EngineChoice, options: LeaseOptions = {}): Promise<EngineLease> {
    const shared = await this.#share(choice, options);
    let engine: Engine;
    try {
      engine = await shared.engine;
      shared.device = engine.device;
    } catch (error) {
      shared.leases--;
      this.#engines.delete(shared);
      throw error;
    }
    let isHeld = true;
    let last: Promise<unknown> = Promise.resolve();
    return {
      choice,
      device: engine.device,
      concurrency: engine.concurrency,
      ...(engine.frames && { frames: engine.frames }),
      ...(engine.notes && { notes: engine.notes }),
      run: (picture, options = {}) => {
        const turn = last.then(() => this.#run(shared, picture, options));
        last = turn.catch(() => undefined); // the caller gets the error; the next call is independent of it
        return turn;
      },
      [Symbol.asyncDispose]: () => {
        if (isHeld) shared.leases--;
        isHeld = false;
        return Promise.resolve();
      },
    };
  }

  /**
   * The engine for `choice`, opened if needed, with one lease more. No `await` between finding it and counting the lease: an
   * engine that is counted is not closed to make room for another, and two viewers get the same one.
   */
  async #share(choice: EngineChoice, { mayExceedLimit = false }: LeaseOptions): Promise<Shared> {
    for (;;) {
      if (this.#isDisposed) throw new EngineError(choice.device, "the server is shutting down");
      const known = this.#find(choice);
      if (known !== undefined) {
        known.leases++;
        return known;
      }
      const isIdle = [...this.#engines].some(({ leases }) => leases === 0);
      if (this.#engines.size < this.#limit || mayExceedLimit && !isIdle) {
        const shared: Shared = { choice, engine: this.#open(choice), leases: 1, running: 0, waiting: [] };
        shared.engine.catch(() => undefined); // `lease` passes the error on; this marks it as handled
        this.#engines.add(shared);
        return shared;
      }
      await this.#dropIdle(choice);
    }
  }

  /** The engine that was opened for `choice`, or for `auto` and is on that device. */
  #find({ preset, device }: EngineChoice): Shared | undefined {
    return [...this.#engines].find((shared) =>
      shared.choice.preset === preset && (shared.choice.device === device || shared.device === device)
    );
  }

  async #dropIdle({ device }: EngineChoice): Promise<void> {
    const idle = [...this.#engines].find(({ leases }) => leases === 0);
    if (idle === undefined) {
      throw new EngineError(
        device,
        "no room for another engine: those in memory are in use by other viewers. Choose what they use, or try again later",
      );
    }
    this.#engines.delete(idle);
    await (await idle.engine)[Symbol.asyncDispose]();
  }

  async #run(shared: Shared, picture: Picture, options: RestoreOptions): Promise<Restored> {
    const engine = await shared.engine;
    if (shared.running >= engine.concurrency) {
      await new Promise<void>((resolve) => shared.waiting.push(resolve));
    } else shared.running++;
    try {
      return await engine.run(picture, options);
    } finally {
      // The slot is handed to the next caller directly, so that no other can take it in between.
      const next = shared.waiting.shift();
      if (next === undefined) shared.running--;
      else next();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const engines = [...this.#engines];
    this.#engines.clear();
    const opened = await Promise.allSettled(engines.map(({ engine }) => engine));
    await Promise.all(
      opened.map((one) => one.status === "fulfilled" ? one.value[Symbol.asyncDispose]() : undefined),
    );
  }
}
