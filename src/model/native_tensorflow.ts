import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import util from "node:util";
import type { TensorFlow } from "./tfjs_ops.ts";

/** Whether the native part of `@tensorflow/tfjs-node-gpu` lies where that package wants it. */
export function isNativeTensorFlowBuilt(): boolean {
  const root = dirname(dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-node-gpu"))));
  return existsSync(join(root, "lib", "napi-v8", "tfjs_binding.node"));
}

/**
 * Loads `@tensorflow/tfjs-node-gpu` on top of the `@tensorflow/tfjs-core` that every other backend uses. Fails as the
 * package does: where its native part is absent, or lacks a library.
 */
export async function importNativeTensorFlow(): Promise<TensorFlow> {
  // tfjs-node calls a function that newer runtimes have removed from `node:util`.
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  if (Deno.env.get("TF_CPP_MIN_LOG_LEVEL") === undefined) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "1");
  await import("@tensorflow/tfjs-node-gpu");
  return await import("@tensorflow/tfjs-core");
}
