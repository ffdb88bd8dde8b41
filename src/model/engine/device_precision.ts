import { EngineError } from "../../errors.ts";
import { type Device, DEVICE_NAMES, type DeviceInfo, DEVICES, type PrecisionChoice } from "./engine.ts";

/** The GPUs that compute with float16; `cpu` only emulates it. */
export const FLOAT16_GPUS: readonly Device[] = DEVICE_NAMES.filter((device) => {
  const { provider }: DeviceInfo = DEVICES[device];
  return provider !== undefined && device !== "cpu";
});

/** @throws {EngineError} if a device that is asked for by name does not compute with what is asked for. */
export function checkPrecision(precision: PrecisionChoice, device: Device): void {
  if (precision === "int8" && device !== "cpu") {
    const advice = "Choose that device, or another precision";
    throw new EngineError(device, `it has no precision "int8", which "cpu" has. ${advice}`);
  }
  if (precision === "float16" && device !== "cpu" && !FLOAT16_GPUS.includes(device)) {
    const able = [...FLOAT16_GPUS, "cpu"].join(", ");
    throw new EngineError(
      device,
      `it has no precision "float16". Choose one of ${able}, or another precision`,
    );
  }
}

/** What `auto` fails with where no GPU works: on a processor float16 is slower than float32. @param failures What was tried in vain. */
export function noFloat16Gpu(failures: readonly EngineError[]): EngineError {
  const tried = failures.map(({ message }) => `: ${message}`).join("");
  const advice = 'Leave --precision out, or choose "--device cpu", which emulates it and is slower';
  return new EngineError("auto", `no GPU was found that computes with float16${tried}. ${advice}`, {
    cause: failures.at(-1),
  });
}
