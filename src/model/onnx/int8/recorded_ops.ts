import type { Ops } from "../../network/ops.ts";

/** Ops that also tell every value they make, in the order of computing. */
export function recordedOps<T>(ops: Ops<T>, tell: (value: T) => void): Ops<T> {
  const told = (value: T): T => {
    tell(value);
    return value;
  };
  return {
    conv: (x, layer, spec) => told(ops.conv(x, layer, spec)),
    deconv: (x, layer, spec) => told(ops.deconv(x, layer, spec)),
    relu: (x) => told(ops.relu(x)),
    add: (a, b) => told(ops.add(a, b)),
    scale: (x, factor) => told(ops.scale(x, factor)),
    concat: (parts) => told(ops.concat(parts)),
    halve: (x) => told(ops.halve(x)),
    enlarge: (x, times) => told(ops.enlarge(x, times)),
  };
}
