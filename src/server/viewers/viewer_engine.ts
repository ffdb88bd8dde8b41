import type { Restored, RestoreOptions } from "../../../mod.ts";
import type { Picture } from "../../frame.ts";
import { RequestError } from "../protocol.ts";
import type { EngineChoice, EngineLease } from "./engine_pool.ts";
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
   * Takes another engine; keeps the one there is when it fails.
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
    const lease = await engines.lease(choice).finally(() => this.#loading--);
    if (turn !== this.#turn) {
      await lease[Symbol.asyncDispose]();
      return undefined;
    }
    const before = this.#lease;
    this.#lease = lease;
    await before?.[Symbol.asyncDispose]();
    return choice;
  }

  /** Restores one picture, which is transferred. */
  restore(picture: Picture, options: RestoreOptions): Promise<Restored> {
    if (this.#lease === undefined) throw new RequestError("No engine is open yet");
    return this.#lease.run(picture, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#turn++;
    await this.#lease?.[Symbol.asyncDispose]();
  }
}

function offered<T extends string>(what: string, asked: string, names: readonly T[]): T {
  const name = names.find((name) => name === asked);
  if (name !== undefined) return name;
  throw new RequestError(`This server has no ${what} "${asked}". Choose one of ${names.join(", ")}`);
}
