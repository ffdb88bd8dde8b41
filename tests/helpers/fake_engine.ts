import type { Picture } from "../../src/frame.ts";
import type { Engine, Restored, RestoreOptions } from "../../src/model/engine/engine.ts";

/** An engine that takes pictures away as a real one does, and restores them by a function. */
export function fakeEngine(
  restore: (picture: Picture) => Picture,
): Engine & { readonly isDisposed: boolean } {
  let isDisposed = false;
  return {
    device: "cpu",
    concurrency: 1,
    get isDisposed() {
      return isDisposed;
    },
    async run(picture) {
      const input = structuredClone(picture, { transfer: [picture.data.buffer] });
      await Promise.resolve();
      return { input, image: restore(input) };
    },
    [Symbol.asyncDispose]() {
      isDisposed = true;
      return Promise.resolve();
    },
  };
}

/** A restoration that adds `amount` to every sample. */
export function brighten(amount: number): (picture: Picture) => Picture {
  return ({ data, width, height }) => ({
    data: Uint8Array.from(data, (value) => Math.min(255, value + amount)),
    width,
    height,
  });
}

/** An engine of two places that does as `run` says. */
export function engineOf(run: (picture: Picture, options: RestoreOptions) => Promise<Restored>): Engine {
  return {
    device: "cpu",
    concurrency: 2,
    run: (picture, options = {}) => run(picture, options),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
