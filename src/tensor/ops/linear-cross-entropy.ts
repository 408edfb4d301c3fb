import { AlippeError, ConfigError } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Attributes, Spec, Tensor } from '../tensor.ts'

/** Logits that may exist at a time, in elements: 256 MB. Few rows mean that the embedding is read again for each few. */
const SCRATCH_ELEMENTS = 1 << 26

const products = (inputs: readonly (Spec | null)[]) =>
  2 * inputs[0]!.shape[0] * inputs[0]!.shape[1] * inputs[1]!.shape[0]

/** Rows of logits at a time: all when they fit, else equal parts that are a multiple of 16 rows. */
function scratchSpec(inputs: readonly (Spec | null)[]): Spec {
  const rows = inputs[0]!.shape[0]
  const vocabulary = inputs[1]!.shape[0]
  if (rows * vocabulary <= SCRATCH_ELEMENTS) return { shape: [rows, vocabulary], dtype: 'f32' }
  const most = Math.max(16, Math.floor(SCRATCH_ELEMENTS / vocabulary / 16) * 16)
  const parts = Math.ceil(rows / most)
  return { shape: [Math.min(rows, Math.ceil(rows / parts / 16) * 16), vocabulary], dtype: 'f32' }
}

/** The plain cross-entropy has an output of its own where something is added to it. */
function natsSpec(inputs: readonly (Spec | null)[], { labelSmoothing, zLoss }: Attributes): Spec[] {
  return labelSmoothing === 0 && zLoss === 0 ? [] : [{ shape: [inputs[0]!.shape[0]], dtype: 'f32' }]
}

const forwardShapes = signature('x: N C, w: V C, targets: i32 N -> losses: N')

const linearCrossEntropyOperation = operation({
  name: 'linear-cross-entropy',
  attributes: ['labelSmoothing', 'zLoss', 'precision'],
  shapes: (inputs, attributes) => [
    ...forwardShapes.infer('linear-cross-entropy', inputs),
    scratchSpec(inputs),
    ...natsSpec(inputs, attributes),
  ],
  scratch: 1,
  flops: products,
  gradient({ inputs: [x, w, targets], attributes }, [dLosses, , dNats]) {
    if (dNats !== undefined) {
      const advice = 'differentiate the losses, or those of linearCrossEntropy'
      throw new AlippeError('ALIPPE_GRADIENT', `regularizedCrossEntropy: nats have no gradient; ${advice}`)
    }
    const [, dx, dw] = apply(linearCrossEntropyBackward, [x, w, targets, dLosses!], attributes)
    return [dx, dw, undefined]
  },
})

const backwardShapes = signature('x: N C, w: V C, targets: i32 N, dlosses: N -> losses: N, dx: N C, dw: V C')

/**
 * It has to compute the logits again and so knows the losses too: where its `dlosses` do not depend on them, the compiler
 * drops the forward call and reads them here.
 */
export const linearCrossEntropyBackward = operation({
  name: 'linear-cross-entropy-backward',
  attributes: ['labelSmoothing', 'zLoss', 'precision'],
  shapes: (inputs, attributes) => [
    ...backwardShapes.infer('linear-cross-entropy-backward', inputs),
    scratchSpec(inputs),
    ...natsSpec(inputs, attributes),
  ],
  scratch: 3,
  flops: (inputs) => 3 * products(inputs),
})

/**
 * Cross-entropy of a linear layer's softmax, row by row, without ever holding all logits: −ln softmax(w·x[n])[target].
 *
 * @param x `[N, C]` features
 * @param w `[V, C]` output embedding
 * @param targets `[N]` i32; a negative target is ignored: loss 0, no gradient
 * @returns `[N]` losses in nats
 * Cost: 2·N·C·V FLOPs forward, 6·N·C·V with the gradient; scratch of at most 256 MB (or 16 rows).
 *
 * @example
 * exp(linearCrossEntropy(zeros([1, 4]), zeros([2, 4]), constant([1], [1], 'i32'))) // [2]; two equal choices
 */
export function linearCrossEntropy(x: Tensor, w: Tensor, targets: Tensor): Tensor {
  return regularizedCrossEntropy(x, w, targets).losses
}

export interface Regularization {
  /** ε: the share of the target's probability that is spread over the whole vocabulary; 0 to below 1. */
  readonly labelSmoothing?: number
  /** z: what the square of the logarithm of the softmax's denominator costs. */
  readonly zLoss?: number
}

/** `[N]` both. */
export interface RegularizedCrossEntropy {
  /** What training makes small. */
  readonly losses: Tensor
  /** The cross-entropy alone, as {@link linearCrossEntropy} gives it; the losses themselves where nothing is added. */
  readonly nats: Tensor
}

/**
 * {@link linearCrossEntropy} with what training adds to it, at the same cost. With lse = ln Σ exp(logits):
 * losses = lse − (1 − ε)·logits[target] − ε·mean(logits) + z·lse². An ignored target costs nothing.
 *
 * @throws ConfigError when labelSmoothing is not in [0, 1) or zLoss is below 0
 * Source: label smoothing: Szegedy et al. 2016, §7; z-loss: Chowdhery et al. 2022, §5.
 *
 * @example
 * const targets = constant([1], [1], 'i32')
 * const { losses, nats } = regularizedCrossEntropy(zeros([1, 4]), zeros([2, 4]), targets, { labelSmoothing: 0.5 })
 * divide(losses, nats) // [1]; equal choices cost the same, whatever the label
 */
export function regularizedCrossEntropy(
  x: Tensor,
  w: Tensor,
  targets: Tensor,
  { labelSmoothing = 0, zLoss = 0 }: Regularization = {},
): RegularizedCrossEntropy {
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    throw new ConfigError(`labelSmoothing must be at least 0 and below 1, got ${labelSmoothing}`)
  if (!(zLoss >= 0 && zLoss < Number.POSITIVE_INFINITY)) throw new ConfigError(`zLoss must be 0 or more, got ${zLoss}`)
  const attributes = { labelSmoothing, zLoss, precision: 0 }
  const [losses, , nats = losses] = apply(linearCrossEntropyOperation, [x, w, targets], attributes)
  return { losses, nats }
}
