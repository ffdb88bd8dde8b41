import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import util from "node:util";
import type { TensorFlow } from "./tfjs_ops.ts";

/** Folder of the npm package that holds native TensorFlow, in Deno's cache or a `node_modules` folder. */
export function tensorFlowPackage(): string {
  return dirname(dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-node-gpu"))));
}

/** Where that package wants its native part, below its folder. */
export const BINDING = join("lib", "napi-v8", "tfjs_binding.node");

/** Whether the native part lies where the package wants it. */
export function isNativeTensorFlowBuilt(): boolean {
  return existsSync(join(tensorFlowPackage(), BINDING));
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
