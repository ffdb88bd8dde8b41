import { PeerGraph, type PeerValue } from "./peer_graph.ts";

/** Channels of SRN's encoder, finest first, and its sizes, as published (Tao et al., CVPR 2018; kernels of its code). */
const SRN = { channels: [32, 64, 128], kernel: 5, residualBlocks: 3, lstmKernel: 3, scales: 3 } as const;

/** A network in the shape of SRN with random weights, for speed only: [1, 3, height, width] in multiples of 16. */
export function srnGraph() {
  const g = new PeerGraph();
  let guess: PeerValue | undefined;
  let memory: Memory | undefined;
  let parameters = 0;
  for (let scale = SRN.scales - 1; scale >= 0; scale--) {
    const blurry = reduced(g, g.picture, 2 ** scale);
    const before = g.parameters;
    const made = oneScale(
      g,
      blurry,
      guess ? enlarged(g, guess) : blurry,
      memory && enlargedMemory(g, memory),
    );
    parameters = g.parameters - before; // all scales have the same weights
    ({ guess, memory } = made);
  }
  if (guess === undefined) throw new TypeError("Cannot build a network of no scales");
  return { model: g.toModel("SRN", guess), macsPerPixel: g.macsPerPixel, parameters };
}

/** What the ConvLSTM keeps from scale to scale. */
interface Memory {
  readonly hidden: PeerValue;
  readonly cell: PeerValue;
}

function oneScale(g: PeerGraph, blurry: PeerValue, coarse: PeerValue, before: Memory | undefined) {
  const { channels: [low, middle, high], kernel } = SRN;
  const joined = g.node("Concat", [blurry, coarse], { axis: 1 });
  const e1 = blocks(g, g.relu(g.conv(joined, { inChannels: 6, outChannels: low, kernel })), low);
  const e2 = blocks(g, g.relu(down(g, e1, low, middle)), middle);
  const e3 = blocks(g, g.relu(down(g, e2, middle, high)), high);
  const memory = convLstm(g, e3, before, high);
  const up = { kernel: 4, stride: 2 };
  const d3 = g.relu(
    g.deconv(blocks(g, memory.hidden, high), { inChannels: high, outChannels: middle, ...up }),
  );
  const d2 = g.relu(
    g.deconv(blocks(g, g.add(d3, e2), middle), { inChannels: middle, outChannels: low, ...up }),
  );
  const residual = g.conv(blocks(g, g.add(d2, e1), low), { inChannels: low, outChannels: 3, kernel });
  return { guess: residual, memory };
}

/** A strided 5 × 5 convolution; the extra row at one side does not change its arithmetic. */
function down(g: PeerGraph, x: PeerValue, inChannels: number, outChannels: number): PeerValue {
  return g.conv(x, { inChannels, outChannels, kernel: SRN.kernel, stride: 2 });
}

function blocks(g: PeerGraph, x: PeerValue, channels: number): PeerValue {
  const spec = { inChannels: channels, outChannels: channels, kernel: SRN.kernel };
  let y = x;
  for (let i = 0; i < SRN.residualBlocks; i++) {
    y = g.add(y, g.mul(g.conv(g.relu(g.conv(y, spec)), spec), g.number(0.1)));
  }
  return y;
}

/** At the coarsest scale its memory is empty: zeros of the same size. */
function convLstm(g: PeerGraph, x: PeerValue, before: Memory | undefined, channels: number): Memory {
  const empty = g.mul(x, g.number(0));
  const { hidden, cell } = before ?? { hidden: empty, cell: empty };
  const joined = g.node("Concat", [x, hidden], { axis: 1 });
  const gates = g.conv(joined, {
    inChannels: 2 * channels,
    outChannels: 4 * channels,
    kernel: SRN.lstmKernel,
  });
  const gate = (i: number, opType: string) => {
    const ends = [[i * channels], [(i + 1) * channels], [1]].map((list) => g.int64(list));
    return g.node(opType, [g.node("Slice", [gates, ...ends])]);
  };
  const next = g.add(g.mul(cell, gate(2, "Sigmoid")), g.mul(gate(0, "Sigmoid"), gate(1, "Tanh")));
  return { cell: next, hidden: g.mul(g.node("Tanh", [next]), gate(3, "Sigmoid")) };
}

function resized(g: PeerGraph, x: PeerValue, times: number): PeerValue {
  const scales = g.graph.constant(`times ${times}`, "float", [4], Float32Array.of(1, 1, times, times));
  const name = g.graph.node("Resize", [x.name, "", scales], {
    mode: "linear",
    coordinate_transformation_mode: "half_pixel",
  });
  return { name, pitch: x.pitch / times };
}

function reduced(g: PeerGraph, x: PeerValue, by: number): PeerValue {
  return by === 1 ? x : resized(g, x, 1 / by);
}

function enlarged(g: PeerGraph, x: PeerValue): PeerValue {
  return resized(g, x, 2);
}

function enlargedMemory(g: PeerGraph, { hidden, cell }: Memory): Memory {
  return { hidden: enlarged(g, hidden), cell: enlarged(g, cell) };
}
