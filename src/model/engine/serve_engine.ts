import { freePicture } from "../../frame.ts";
import { answerCalls } from "../../worker/answer_calls.ts";
import { type LoadedNetwork, restorePicture } from "../restore/restore_picture.ts";
import type { EngineCalls, OpenRequest, RunRequest } from "./worker_messages.ts";
import type { Restored } from "./engine.ts";

/**
 * Makes this Worker answer the calls of an engine.
 *
 * @param load Loads the network; what it throws is passed on to whoever opens the engine.
 */
export function serveEngine(load: (request: OpenRequest) => Promise<LoadedNetwork>): void {
  let restore = (_request: RunRequest, _report: (share: number) => void): Promise<Restored> =>
    Promise.reject(new Error("it was given a picture before a network"));
  answerCalls<EngineCalls>({
    async open(request) {
      const { config } = request;
      const network = await load(request);
      const alone = request.alone &&
        {
          network: await load({ ...request, ...request.alone, isSpare: true }),
          config: request.alone.config,
        };
      restore = ({ picture, options, memoryBudget = request.memoryBudget }, onProgress) =>
        restorePicture(picture, network, options, { config, memoryBudget, alone, onProgress });
      return { result: undefined };
    },
    async run(request, report) {
      const result = await restore(request, report);
      // They are copies; left to the garbage collector they would accumulate.
      for (const neighbour of Object.values(request.options.neighbours)) freePicture(neighbour);
      return { result, transfer: buffersOf(result) };
    },
  });
}

function buffersOf({ input, image, up, down }: Restored): ArrayBuffer[] {
  const pictures = [input, image, up, down].filter((picture) => picture !== undefined);
  return [...new Set(pictures.map(({ data }) => data.buffer))];
}
