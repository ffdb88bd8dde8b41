/// <reference lib="deno.worker" />
import { messageOf } from "../../errors.ts";
import { freePicture } from "../../frame.ts";
import { type LoadedNetwork, restorePicture } from "../restore/restore_picture.ts";
import type { EngineReply, EngineRequest, OpenRequest, RunRequest } from "./worker_messages.ts";

/**
 * Makes this Worker answer {@linkcode EngineRequest}s, one after the other.
 *
 * @param load Loads the network; what it throws is told to whoever opens the engine.
 */
export function serveEngine(load: (request: OpenRequest) => Promise<LoadedNetwork>): void {
  let restore = (_request: RunRequest): Promise<EngineReply> =>
    Promise.reject(new Error("asked for a picture before a network"));
  const answer = async (request: EngineRequest): Promise<EngineReply> => {
    if (request.kind === "run") return await restore(request);
    const { config, memoryBudget } = request;
    const network = await load(request);
    const alone = request.alone &&
      { network: await load({ ...request, ...request.alone, isSpare: true }), config: request.alone.config };
    restore = async ({ picture, options }) => {
      const restored = await restorePicture(picture, network, options, { config, memoryBudget, alone });
      // They are copies; left to the garbage collector they would pile up.
      const { previous, next } = options.neighbours;
      if (previous) freePicture(previous);
      if (next && next.data !== previous?.data) freePicture(next);
      return { kind: "restored", restored };
    };
    return { kind: "opened" };
  };
  let earlier: Promise<unknown> = Promise.resolve();
  self.onmessage = ({ data }: MessageEvent<EngineRequest>) => {
    earlier = earlier
      .then(() => answer(data))
      .catch((error): EngineReply => ({ kind: "failed", why: messageOf(error) }))
      .then((reply) => self.postMessage(reply, buffers(reply)));
  };
}

function buffers(reply: EngineReply): ArrayBuffer[] {
  if (reply.kind !== "restored") return [];
  const { input, image, up, down } = reply.restored;
  const pictures = [input, image, up, down].filter((picture) => picture !== undefined);
  return [...new Set(pictures.map(({ data }) => data.buffer))];
}
