import { memoryUsage } from "node:process";
import { messageOf } from "../../errors.ts";
import type { OpenedNetwork } from "../engine/serve_engine.ts";
import type { OpenGraphRequest } from "../engine/worker_messages.ts";
import type { NetworkTraits } from "../network/network_traits.ts";
import { createSession, importRuntime } from "../onnx/onnx_runtime.ts";
import type { LoadedNetwork } from "../restore/restore_picture.ts";
import type { GraphFindings } from "./external_network.ts";
import { readGraphModel } from "./graph_model/read_graph_model.ts";
import { readInterface } from "./graph_interface.ts";
import type { GraphSession } from "./graph_session.ts";
import { type GraphCost, measureGraph } from "./measure_graph.ts";
import { onnxGraphSession } from "./onnx_graph_session.ts";
import { toPicture } from "./picture_tensor.ts";
import { type ProbedGraph, probeGraph } from "./probe_graph.ts";
import { fixedHalo } from "../restore/tiling.ts";
import { runGraph } from "./run_graph.ts";
import type { Size } from "./trial_run.ts";
import { UnfitGraphError } from "./unfit_graph_error.ts";

/**
 * Loads a graph of another project into ONNX Runtime, in this thread, and finds out by trial runs what it needs.
 *
 * @throws {UnfitGraphError} if it cannot restore pictures; {Error} saying why the device cannot be used.
 */
export async function loadExternalNetwork(request: OpenGraphRequest): Promise<OpenedNetwork> {
  const { device, external, threads } = request;
  const runtime = await importRuntime(request);
  const model = external.format === "onnx"
    ? external.file
    : await readGraphModel(external.file, external.tile);
  // What does not run on a processor runs nowhere; what does not run on another device may run on the next.
  const asUnfit = (why: string) => (cause: unknown) => {
    if (device !== "cpu" || cause instanceof UnfitGraphError) throw cause;
    throw new UnfitGraphError(`${why}: ${messageOf(cause)}`, { cause });
  };
  const loaded = await createSession(runtime, model, { device, threads })
    .catch(asUnfit("It cannot be read as a network"));
  const session = onnxGraphSession(runtime, loaded);
  readInterface(session.inputs);
  const graph = await probeGraph(session, external.channels).catch((error) => {
    const isOfDevice = error instanceof UnfitGraphError && device !== "cpu";
    throw isOfDevice ? new Error(`it cannot run the network: ${error.message}`, { cause: error }) : error;
  });
  const cost = await measureGraph(session, graph, () => memoryUsage().rss);
  return {
    network: { run: restorer(session, graph) },
    traits: traitsOf(graph, cost),
    findings: findingsOf(external.path, graph, cost),
  };
}

function restorer(session: GraphSession, { plan, input: form, output }: ProbedGraph): LoadedNetwork["run"] {
  return async ({ picture, neighbours }, { detail }) => {
    const outputs = await runGraph(session, plan, {
      picture,
      neighbours: neighbours.map(({ moved }) => moved),
      flows: neighbours.map(({ flow }) => flow),
      form,
      detail,
    });
    const tensor = outputs.get(output.name);
    if (tensor === undefined) throw new Error(`the network's output "${output.name}" did not come`);
    return { image: toPicture(tensor, output, picture) };
  };
}

function traitsOf({ plan, sizeMultiple, fixedSize }: ProbedGraph, cost: GraphCost): NetworkTraits {
  const { takesAligned, frames } = plan;
  return {
    sizeMultiple,
    ...(fixedSize && { fixedSize }),
    reach: cost.reach,
    bytesPerPixel: cost.bytesPerPixel,
    frames: takesAligned ? 3 : frames,
    takesAligned,
    twoWay: false,
  };
}

function findingsOf(
  path: string,
  { plan, input, output, sizeMultiple, fixedSize, psnr }: ProbedGraph,
  cost: GraphCost,
): GraphFindings {
  const frames = plan.takesAligned || plan.frames === 3 ? "3 frames of " : "";
  const range = input.type.startsWith("float") ? `, values ${input.range.black} to ${input.range.white}` : "";
  const size = fixedSize
    ? `of ${fixedSize.width}x${fixedSize.height}`
    : sizeMultiple === 1
    ? "of any size"
    : `with sides that are multiples of ${sizeMultiple}`;
  const [blurry, restored] = [psnr.blurry, psnr.restored].map((value) => value.toFixed(1));
  const gain = psnr.restored - psnr.blurry;
  const takes =
    `${path} takes ${frames}${input.type} ${input.layout} ${input.order.toUpperCase()} pictures ${size}${range}; ` +
    `its result is the output "${output.name}"`;
  return {
    notes: [
      takes,
      ...(gain < 0
        ? [`${path} makes a blurred trial picture worse: ${blurry} dB become ${restored} dB`]
        : []),
    ],
    seconds: fixedSize ? tiledCost(fixedSize, cost) : { perRun: cost.perRun, perPixel: cost.perPixel },
  };
}

/** Seconds for each pixel that is kept of tiles that overlap. */
function tiledCost(tile: Size, { perRun, perPixel, reach }: GraphCost): GraphFindings["seconds"] {
  const kept = (side: number) => side - 2 * fixedHalo(side, reach);
  const seconds = perRun + perPixel * tile.width * tile.height;
  return { perRun: 0, perPixel: seconds / (kept(tile.width) * kept(tile.height)) };
}
