import assert from "node:assert/strict";
import ort from "onnxruntime-node";
import { QuantizedLayers } from "../../../../src/model/onnx/int8/quantized_layers.ts";
import { OnnxGraph } from "../../../../src/model/onnx/onnx_graph.ts";
import { seededRandom } from "../../../helpers/random_weights.ts";

for (const { channels, zero } of [{ channels: 3, zero: 0 }, { channels: 2, zero: 127 }]) {
  Deno.test(`QuantizedLayers.halve: the mean of 2 x 2 pixels of ${channels} channels, zero ${zero}, as near as bytes are`, async () => {
    const [width, height] = [48, 32];
    const graph = new OnnxGraph();
    const layers = new QuantizedLayers(graph);
    const name = graph.input("x", "uint8", [1, height, width, channels]);
    const halved = layers.halve({ name, scale: 0.3, zero, channels });
    graph.output("y", halved, "uint8", [1, height / 2, width / 2, channels]);
    const next = seededRandom(7);
    const data = Uint8Array.from({ length: width * height * channels }, () => 256 * next());
    const session = await ort.InferenceSession.create(graph.toModel("test"), { intraOpNumThreads: 1 });
    const { y } = await session.run({ x: new ort.Tensor("uint8", data, [1, height, width, channels]) });
    await session.release();
    assert.ok(y && y.data instanceof Uint8Array && y.data.length === data.length / 4);
    y.data.forEach((byte, i) => {
      const [channel, pixel] = [i % channels, Math.floor(i / channels)];
      const [left, top] = [2 * (pixel % (width / 2)), 2 * Math.floor(pixel / (width / 2))];
      const at = (x: number, y: number) => data[((top + y) * width + left + x) * channels + channel] ?? NaN;
      const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
      assert.ok(Math.abs(byte - mean) <= 0.5, `${byte} instead of ${mean}`);
    });
  });
}
