import { EngineError } from "../../errors.ts";
import type { Picture } from "../../frame.ts";
import type { DeviceChoice, Engine, Restored, RestoreOptions } from "../../../mod.ts";

/** Which engine: the weights of a preset on a device. */
export interface EngineChoice {
  readonly preset: string;
  readonly device: DeviceChoice;
}

/** A viewer's share of an engine that others use too. Disposing it releases the engine. */
export interface EngineLease extends AsyncDisposable {
  readonly choice: EngineChoice;
  /**
   * Restores a picture when it is this lease's turn. A lease runs one picture at a time; its further calls wait behind
   * those of the other leases, so that a viewer who asks more often gets no larger share.
   *
   * @throws {EngineError} if the device fails.
   */
  run(picture: Picture, options: RestoreOptions): Promise<Restored>;
}

/** Options of {@linkcode EnginePool}. */
export interface EnginePoolOptions {
  readonly open: (choice: EngineChoice) => Promise<Engine>;
  /** Engines in memory at once. @default {2} */
  readonly limit?: number;
}

interface Shared {
  readonly engine: Promise<Engine>;
  leases: number;
  running: number;
  readonly waiting: (() => void)[];
}

/** Opens each engine once for all viewers. Unused engines are disposed when another is needed, and at the end. */
export class EnginePool implements AsyncDisposable {
  readonly #open: (choice: EngineChoice) => Promise<Engine>;
  readonly #limit: number;
  readonly #engines = new Map<string, Shared>();

  constructor({ open, limit = 2 }: EnginePoolOptions) {
    this.#open = open;
    this.#limit = limit;
  }

  /** Number of engines open or being opened. */
  get size(): number {
    return this.#engines.size;
  }

  /**
   * Opens the engine, or shares the one that is open.
   *
   * @throws {EngineError} if it cannot be opened, or if every engine in memory is in use.
   */
  async lease(choice: EngineChoice): Promise<EngineLease> {
    const key = `${choice.preset} ${choice.device}`;
    const shared = await this.#share(key, choice);
    shared.leases++;
    try {
      await shared.engine;
    } catch (error) {
      shared.leases--;
      if (this.#engines.get(key) === shared) this.#engines.delete(key);
      throw error;
    }
    let isHeld = true;
    let last: Promise<unknown> = Promise.resolve();
    return {
      choice,
      run: (picture, options) => {
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

  /** The engine for `key`, opened if needed. No `await` between lookup and insertion: two viewers get the same engine. */
  async #share(key: string, choice: EngineChoice): Promise<Shared> {
    for (;;) {
      const known = this.#engines.get(key);
      if (known !== undefined) return known;
      if (this.#engines.size < this.#limit) {
        const shared: Shared = { engine: this.#open(choice), leases: 0, running: 0, waiting: [] };
        shared.engine.catch(() => undefined); // `lease` passes the error on; this marks it as handled
        this.#engines.set(key, shared);
        return shared;
      }
      await this.#dropIdle(choice);
    }
  }

  async #dropIdle({ device }: EngineChoice): Promise<void> {
    const idle = [...this.#engines].find(([, { leases }]) => leases === 0);
    if (idle === undefined) {
      throw new EngineError(
        device,
        "no room for another engine: those in memory are in use by other viewers. Choose what they use, or try again later",
      );
    }
    this.#engines.delete(idle[0]);
    await (await idle[1].engine)[Symbol.asyncDispose]();
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
    const engines = [...this.#engines.values()];
    this.#engines.clear();
    const opened = await Promise.allSettled(engines.map(({ engine }) => engine));
    await Promise.all(
      opened.map((one) => one.status === "fulfilled" ? one.value[Symbol.asyncDispose]() : undefined),
    );
  }
}
