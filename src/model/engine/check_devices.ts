import type { Picture } from "../../frame.ts";
import { EngineError, messageOf } from "../../errors.ts";
import { FLOAT16_GPUS } from "./device_precision.ts";
import { type Device, DEVICE_NAMES, DEVICES, type Precision } from "./engine.ts";
import { worstDifference } from "../restore/worst_difference.ts";
import { openEngine, type OpenEngineOptions } from "./open_engine.ts";

/** What a device turned out to be on this machine. */
export type DeviceCheck =
  & { readonly device: Device }
  & (
    | {
      readonly works: true;
      /** Seconds until the network was loaded. */
      readonly secondsToOpen: number;
      /** Of the fastest of a few runs. */
      readonly megapixelsPerSecond: number;
      /** Largest difference of a sample from the result on `cpu`, in grey levels; absent where `cpu` does not work. */
      readonly worstDifference?: number;
      /** Of `cpu`, where `auto` computes with `int8` there: how fast that is, and its largest difference from `float32`. */
      readonly int8?: RoundedCheck;
      /** Of GPUs that ONNX Runtime computes on: the same with `float16`, which `auto` never takes, or why it is refused. */
      readonly float16?: RoundedCheck | { readonly why: string };
    }
    | {
      readonly works: false;
      /** Why it cannot be used. */
      readonly why: string;
      /** What the machine must have. */
      readonly requires: string;
    }
  );

/** A device that computes less exactly than with `float32`. */
export interface RoundedCheck {
  /** Of the fastest of a few runs. */
  readonly megapixelsPerSecond: number;
  /** From the device's result with `float32`, in grey levels. */
  readonly worstDifference: number;
}

/** Options of {@linkcode checkDevices}. */
export interface CheckDevicesOptions extends Pick<OpenEngineOptions, "weights" | "threads"> {
  /** What to check. @default {every device} */
  readonly devices?: readonly Device[];
  /** Side of the square picture that is restored, in pixels. @default {128} */
  readonly side?: number;
  /** Seconds that a device may take until its first result. @default {120} */
  readonly timeout?: number;
  /** Ends the check with its reason. */
  readonly signal?: AbortSignal;
}

/** Runs that are timed, as long as their time is not up. */
const RUNS = { most: 5, seconds: 3 };

/**
 * Tries every device on a small picture, one after the other, `cpu` first; software renderers too.
 *
 * @throws {WeightsError} if the network cannot be used anywhere; `signal.reason` when aborted.
 */
export async function* checkDevices(
  { devices = DEVICE_NAMES, timeout = 120, side = 128, signal, ...options }: CheckDevicesOptions,
): AsyncGenerator<DeviceCheck> {
  let reference: Picture | undefined;
  for (const device of devices.toSorted((a, b) => Number(b === "cpu") - Number(a === "cpu"))) {
    signal?.throwIfAborted();
    const time = AbortSignal.timeout(1000 * timeout);
    const ended = AbortSignal.any([time, ...(signal ? [signal] : [])]);
    try {
      const trial = { side, signal: ended };
      // Numbers are compared: each device has to compute with the same kind.
      const { image, precision: _, ...speed } = await timeDevice(
        { ...options, device, precision: "float32" },
        trial,
      );
      const rounded = device === "cpu" ? await timeDevice({ ...options, device }, trial) : undefined;
      reference ??= device === "cpu" ? image : undefined;
      const half = FLOAT16_GPUS.includes(device)
        ? await timeHalf({ ...options, device }, trial, image)
        : undefined;
      const worst = reference && worstDifference(image, reference);
      yield {
        device,
        works: true,
        ...speed,
        ...(worst !== undefined && device !== "cpu" && { worstDifference: worst }),
        ...(rounded?.precision === "int8" && {
          int8: {
            megapixelsPerSecond: rounded.megapixelsPerSecond,
            worstDifference: worstDifference(rounded.image, image),
          },
        }),
        ...(half && { float16: half }),
      };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof EngineError) && !time.aborted) throw error;
      const why = time.aborted ? `it gave no result within ${timeout} s` : plainReason(error, device);
      yield { device, works: false, why, requires: DEVICES[device].requires };
    }
  }
}

/** A device that refuses `float16` works all the same. */
async function timeHalf(
  options: OpenEngineOptions & { readonly device: Device },
  trial: Trial,
  exact: Picture,
): Promise<RoundedCheck | { readonly why: string }> {
  try {
    const { megapixelsPerSecond, image } = await timeDevice({ ...options, precision: "float16" }, trial);
    return { megapixelsPerSecond, worstDifference: worstDifference(image, exact) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { why: plainReason(error, options.device) };
  }
}

interface Trial {
  readonly side: number;
  readonly signal: AbortSignal;
}

interface TimedDevice {
  readonly secondsToOpen: number;
  readonly megapixelsPerSecond: number;
  readonly image: Picture;
  readonly precision: Precision | undefined;
}

async function timeDevice(
  options: OpenEngineOptions,
  { side, signal }: Trial,
): Promise<TimedDevice> {
  const startedAt = performance.now();
  await using engine = await openEngine({ ...options, signal });
  const secondsToOpen = (performance.now() - startedAt) / 1000;
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  signal.addEventListener("abort", () => aborted.reject(signal.reason));
  const run = async () => await Promise.race([engine.run(picture(side)), aborted.promise]);
  const { image } = await run(); // prepares itself
  let best = Infinity;
  const begunAt = performance.now();
  for (let i = 0; i < RUNS.most && performance.now() - begunAt < 1000 * RUNS.seconds; i++) {
    const runAt = performance.now();
    await run();
    best = Math.min(best, (performance.now() - runAt) / 1000);
  }
  return { secondsToOpen, megapixelsPerSecond: side ** 2 / 1e6 / best, image, precision: engine.precision };
}

/** Slopes, edges and texture in every colour. */
function picture(side: number): Picture {
  const [width, height] = [side, side];
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const tile = (Math.floor(x / 24) + Math.floor(y / 24)) % 2;
    return (x + 2 * y + 40 * (i % 3) + 90 * tile + (x * y) % 17) % 256;
  });
  return { data, width, height };
}

/** Without the device's name before it, and what it takes after it: both are reported beside it. */
function plainReason(error: unknown, device: Device): string {
  return messageOf(error).replace(`Device "${device}": `, "").replace(/; it takes .*$/s, "");
}
