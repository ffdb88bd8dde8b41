import { isNativeTensorFlowBuilt } from "../../src/model/tfjs/native_tensorflow.ts";
import type { TensorFlow } from "../../src/model/tfjs/tfjs_ops.ts";
import { loadTensorFlow } from "../../src/train/tensorflow/tensorflow.ts";

/** A test on native TensorFlow; reported as ignored where it is not built. */
export function nativeTest(name: string, run: (tf: TensorFlow) => Promise<void>): void {
  const isBuilt = isNativeTensorFlowBuilt();
  Deno.test({
    name: isBuilt ? name : `${name} (native TensorFlow is not built)`,
    ignore: !isBuilt,
    sanitizeResources: false, // the binding stays loaded
    fn: async () => await run(await loadTensorFlow("tensorflow")),
  });
}
