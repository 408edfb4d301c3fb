import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Spec, Tensor } from '../tensor.ts'

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

const forwardShapes = signature('x: N C, w: V C, targets: i32 N -> losses: N')

const linearCrossEntropyOperation = operation({
  name: 'linear-cross-entropy',
  attributes: ['precision'],
  shapes: (inputs) => [...forwardShapes.infer('linear-cross-entropy', inputs), scratchSpec(inputs)],
  scratch: 1,
  flops: products,
  gradient({ inputs: [x, w, targets], attributes }, [dLosses]) {
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
  attributes: ['precision'],
  shapes: (inputs) => [...backwardShapes.infer('linear-cross-entropy-backward', inputs), scratchSpec(inputs)],
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
  return apply(linearCrossEntropyOperation, [x, w, targets], { precision: 0 })[0]
}
