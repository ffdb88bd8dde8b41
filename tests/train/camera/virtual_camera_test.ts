import assert from "node:assert/strict";
import { prepareLayer } from "../../../src/train/camera/layer.ts";
import { lightCurve } from "../../../src/train/camera/light.ts";
import { createRandom } from "../../../src/train/random.ts";
import { pictureLayer, VirtualCamera } from "../../../src/train/camera/virtual_camera.ts";

const STILL = { x: 0, y: 0, roll: 0, zoom: 1 };
const random = createRandom("camera photo");
const PHOTO = { data: Uint8Array.from({ length: 40 * 30 * 3 }, () => random() * 256), width: 40, height: 30 };
const BACKGROUND = pictureLayer(PHOTO, lightCurve("2.2").light);
const pixel = (
  data: Uint8Array | Uint16Array,
  width: number,
  x: number,
  y: number,
) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];

Deno.test("VirtualCamera at rest sees exactly the photo's pixels, and moved by whole pixels too", () => {
  const path = (t: number) => ({ x: t, y: -t, roll: 0, zoom: 1 });
  const camera = new VirtualCamera({ background: BACKGROUND, objects: [] }, {
    width: 8,
    height: 6,
    path,
    target: [20, 15],
  });
  for (const t of [0, 5]) {
    const { data } = camera.frame(t);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 8; x++) {
        assert.deepEqual(pixel(data, 8, x, y), pixel(PHOTO.data, 40, x + 16 + t, y + 12 - t));
      }
    }
  }
});

Deno.test("VirtualCamera moves objects by their own motion, with the background, and nearer ones more", () => {
  const white = () =>
    prepareLayer({ data: new Float32Array(5 * 5 * 4).fill(1), width: 5, height: 5, channels: 4 });
  const black = pictureLayer(
    { data: new Uint8Array(60 * 20 * 3), width: 60, height: 20 },
    lightCurve("2.2").light,
  );
  const middle = (depth: number, own: number, camera: number) => {
    const object = {
      layer: white(),
      at: [25, 10] as const,
      depth,
      path: (t: number) => ({ ...STILL, x: own * t }),
    };
    const path = (t: number) => ({ ...STILL, x: camera * t });
    const { data } = new VirtualCamera({ background: black, objects: [object] }, {
      width: 50,
      height: 20,
      path,
    })
      .frame(1);
    const lit = Array.from({ length: 50 }, (_, x) => x).filter((x) => data[(10 * 50 + x) * 3] === 255);
    return ((lit[0] ?? NaN) + (lit.at(-1) ?? NaN)) / 2;
  };
  const rest = middle(1, 0, 0);
  assert.equal(middle(1, 6, 0) - rest, 6, "its own way");
  assert.equal(middle(1, 0, 4) - rest, -4, "against the camera, with the ground");
  assert.equal(middle(2, 0, 4) - rest, -8, "nearer");
  assert.equal(middle(0, 6, 4) - rest, 6, "travelling with the camera");
});
