import type { Engine } from "../../../mod.ts";
import { RequestError } from "../protocol.ts";
import type { EngineChoice, EngineLease, EnginePool } from "./engine_pool.ts";
import type { ServerContext } from "./server_context.ts";

/** Names as a viewer sent them. */
export interface AskedEngine {
  readonly preset: string;
  readonly device: string;
}

/** The engine that one viewer has chosen. Disposing it releases the engine. */
export class ViewerEngine implements AsyncDisposable {
  readonly #context: ServerContext;
  #lease: EngineLease | undefined;
  /** Raised by each choice and by disposing: an engine that was opened for an older one is released again. */
  #turn = 0;
  #loading = 0;
  #isDisposed = false;
  /** The last exchange of engines, failed or not: one at a time. */
  #exchanged: Promise<unknown> = Promise.resolve();
  /** Work that the engine is lent for. */
  readonly #running = new Set<Promise<unknown>>();
  /** While the engine is given up to make room for the next one: further work waits. */
  #between: Promise<unknown> | undefined;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** Whether there is an engine, or none is needed. */
  get isReady(): boolean {
    return this.#lease !== undefined || this.#context.engines === undefined;
  }

  /** Whether an engine is being loaded. */
  get isLoading(): boolean {
    return this.#loading > 0;
  }

  /**
   * Takes another engine; keeps the one there is when it fails. Where there is room for one engine only, the old one is
   * closed first, and opened again if the new one cannot be. Of choices that come while one is loading, only the last counts.
   *
   * @param onLoading Called once the choice is known to be valid.
   * @returns The choice; `undefined` if it was not taken, because another came meanwhile or a job needs no engine.
   * @throws {RequestError} if the preset or device is not offered; {EngineError} if the engine cannot be had.
   */
  async choose(asked: AskedEngine, onLoading: () => void): Promise<EngineChoice | undefined> {
    const { engines, presets, devices } = this.#context;
    if (engines === undefined) return undefined;
    const choice: EngineChoice = {
      preset: offered("preset", asked.preset, presets),
      device: offered("device", asked.device, [...devices.keys()]),
    };
    const turn = ++this.#turn;
    onLoading();
    this.#loading++;
    const exchange = this.#exchanged.then(() =>
      turn === this.#turn ? this.#exchange(engines, choice, turn) : undefined
    ).finally(() => this.#loading--);
    this.#exchanged = exchange.catch(() => undefined); // the caller gets the error
    return await exchange;
  }

  async #exchange(
    engines: EnginePool,
    choice: EngineChoice,
    turn: number,
  ): Promise<EngineChoice | undefined> {
    const old = this.#lease;
    if (old !== undefined && !engines.hasRoomFor(choice)) {
      return await this.#closeThenOpen(engines, choice, old);
    }
    const lease = await engines.lease(choice);
    if (turn !== this.#turn) {
      await lease[Symbol.asyncDispose]();
      return undefined;
    }
    this.#lease = lease;
    await Promise.allSettled([...this.#running]); // it is not closed to make room for another one while it is at work
    await old?.[Symbol.asyncDispose]();
    return choice;
  }

  /** Gives up `old`, whose work is finished first, then takes another. Further work waits meanwhile. */
  async #closeThenOpen(engines: EnginePool, choice: EngineChoice, old: EngineLease): Promise<EngineChoice> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#between = promise;
    try {
      await Promise.allSettled(this.#running);
      this.#lease = undefined;
      await old[Symbol.asyncDispose]();
      this.#lease = await engines.lease(choice);
      return choice;
    } catch (error) {
      this.#lease = await engines.lease(old.choice).catch(() => undefined); // the first error says what is wrong
      throw error;
    } finally {
      if (this.#isDisposed) await this.#lease?.[Symbol.asyncDispose]();
      this.#between = undefined;
      resolve();
    }
  }

  /** Lends the engine for work on one or more pictures. Until that is done it stays open, and the same one. */
  async use<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    await this.#between;
    if (this.#lease === undefined) throw new RequestError("No engine is open yet");
    const working = work(this.#lease);
    this.#running.add(working);
    try {
      return await working;
    } finally {
      this.#running.delete(working);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#turn++;
    this.#isDisposed = true;
    await this.#lease?.[Symbol.asyncDispose]();
  }
}

function offered<T extends string>(what: string, asked: string, names: readonly T[]): T {
  const name = names.find((name) => name === asked);
  if (name !== undefined) return name;
  throw new RequestError(`This server has no ${what} "${asked}". Choose one of ${names.join(", ")}`);
}
