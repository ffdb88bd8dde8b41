import type * as tfjs from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../model/tfjs_ops.ts";

const MOMENTUM = 0.95;
const ITERATIONS = 5;
/** Root mean square of an update at rate 1, so that one rate serves kernels and what Adam moves (Liu et al., 2025). */
const UPDATE_SIZE = 0.2;

/**
 * The direction of a Muon step (Jordan et al., 2024): the momentum of a kernel as a matrix `[k · k · in, out]`, made
 * orthogonal by five Newton-Schulz iterations, so that every direction of the layer learns at one pace.
 *
 * @returns The new momentum and the update, both of the kernel's shape. Call inside `tf.tidy`.
 */
export function muonDirection(
  tf: TensorFlow,
  gradient: tfjs.Tensor,
  momentum: tfjs.Tensor | undefined,
): { m: tfjs.Tensor; update: tfjs.Tensor } {
  const next = momentum === undefined ? tf.clone(gradient) : tf.add(tf.mul(momentum, MOMENTUM), gradient);
  const nesterov = tf.add(gradient, tf.mul(next, MOMENTUM));
  const columns = gradient.shape.at(-1) ?? 1;
  const rows = gradient.size / columns;
  const orthogonal = orthogonalize(tf, tf.reshape(nesterov, [rows, columns]));
  const update = tf.mul(orthogonal, UPDATE_SIZE * Math.sqrt(Math.max(rows, columns)));
  return { m: next, update: tf.reshape(update, gradient.shape) };
}

/** Brings the singular values of a tall matrix near 1: X ← X (aI + bG + cG²), G = XᵀX. */
function orthogonalize(tf: TensorFlow, matrix: tfjs.Tensor2D): tfjs.Tensor2D {
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  let x = tf.div(matrix, tf.add(tf.norm(matrix), 1e-12)) as tfjs.Tensor2D;
  for (let i = 0; i < ITERATIONS; i++) {
    const gram = tf.matMul(x, x, true, false);
    const polynomial = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c));
    x = tf.add(tf.mul(x, a), tf.matMul(x, polynomial as tfjs.Tensor2D)) as tfjs.Tensor2D;
  }
  return x;
}
