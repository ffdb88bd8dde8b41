import { freePicture } from "../../frame.ts";
import { answerCalls } from "../../worker/answer_calls.ts";
import type { GraphFindings } from "../external/external_network.ts";
import { UnfitGraphError } from "../external/unfit_graph_error.ts";
import { type NetworkTraits, traitsOf } from "../network/network_traits.ts";
import { type LoadedNetwork, restorePicture } from "../restore/restore_picture.ts";
import type {
  EngineCalls,
  OpenedEngine,
  OpenGraphRequest,
  OpenRequest,
  RunRequest,
} from "./worker_messages.ts";
import type { Restored } from "./engine.ts";

/** A network of another project, loaded. */
export interface OpenedNetwork {
  readonly network: LoadedNetwork;
  readonly traits: NetworkTraits;
  readonly findings: GraphFindings;
}

/** How a Worker loads networks; what is thrown is passed on to whoever opens the engine. */
export interface NetworkLoaders {
  /** Loads a network of this project. */
  readonly load: (request: OpenRequest) => Promise<LoadedNetwork>;
  /** Loads one of another project. @throws {UnfitGraphError} if it cannot restore pictures. */
  readonly loadGraph: (request: OpenGraphRequest) => Promise<OpenedNetwork>;
}

/** Makes this Worker answer the calls of an engine. */
export function serveEngine({ load, loadGraph }: NetworkLoaders): void {
  let restore = (_request: RunRequest, _report: (share: number) => void): Promise<Restored> =>
    Promise.reject(new Error("it was given a picture before a network"));
  answerCalls<EngineCalls>({
    async open(request) {
      const { config } = request;
      const network = await load(request);
      const traits = traitsOf(config);
      const { alone: spare, calibration: _ofTheOther, ...shared } = request;
      const alone = spare &&
        { network: await load({ ...shared, ...spare, isSpare: true }), traits: traitsOf(spare.config) };
      restore = ({ picture, options, memoryBudget = request.memoryBudget }, onProgress) =>
        restorePicture(picture, network, options, { traits, memoryBudget, alone, onProgress });
      return { result: { frames: config.frames, precision: network.precision ?? "float32" } };
    },
    async openGraph(request) {
      const opened = await orUnfit(loadGraph(request));
      if ("unfit" in opened) return { result: opened };
      const { network, traits, findings } = opened;
      restore = ({ picture, options, memoryBudget = request.memoryBudget }, onProgress) =>
        restorePicture(picture, network, options, { traits, memoryBudget, onProgress });
      return { result: { frames: traits.frames, findings } satisfies OpenedEngine };
    },
    async run(request, report) {
      const result = await restore(request, report);
      // They are copies; left to the garbage collector they would accumulate.
      for (const neighbour of Object.values(request.options.neighbours)) freePicture(neighbour);
      return { result, transfer: buffersOf(result) };
    },
  });
}

async function orUnfit(opening: Promise<OpenedNetwork>): Promise<OpenedNetwork | { readonly unfit: string }> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof UnfitGraphError) return { unfit: error.message };
    throw error;
  }
}

function buffersOf({ input, image, up, down }: Restored): ArrayBuffer[] {
  const pictures = [input, image, up, down].filter((picture) => picture !== undefined);
  return [...new Set(pictures.map(({ data }) => data.buffer))];
}
