import type { Restored, RestoreOptions } from "../../../mod.ts";
import type { Picture } from "../../frame.ts";
import { RequestError } from "../protocol.ts";
import type { EngineChoice, EngineLease } from "./engine_pool.ts";
import type { ServerContext } from "./server_context.ts";

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
   * @returns Whether it was taken: not if another choice came meanwhile.
   * @throws {RequestError} if the preset or device is not offered; {EngineError} if the engine cannot be had.
   */
  async choose({ preset, device }: EngineChoice, onLoading: () => void): Promise<boolean> {
    const { engines, presets, devices } = this.#context;
    if (engines === undefined) return false;
    checkOffered("preset", preset, presets);
    checkOffered("device", device, devices);
    const turn = ++this.#turn;
    onLoading();
    this.#loading++;
    const lease = await engines.lease({ preset, device }).finally(() => this.#loading--);
    if (turn !== this.#turn) {
      await lease[Symbol.asyncDispose]();
      return false;
    }
    const before = this.#lease;
    this.#lease = lease;
    await before?.[Symbol.asyncDispose]();
    return true;
  }

  /** Restores one picture, which is transferred. */
  restore(picture: Picture, options: RestoreOptions): Promise<Restored> {
    if (this.#lease === undefined) throw new RequestError("No engine is open yet.");
    return this.#lease.run(picture, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#turn++;
    await this.#lease?.[Symbol.asyncDispose]();
  }
}

function checkOffered(what: string, name: string, offered: readonly string[]): void {
  if (offered.includes(name)) return;
  throw new RequestError(`This server has no ${what} "${name}". Choose one of ${offered.join(", ")}.`);
}
