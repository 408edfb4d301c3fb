import { ShapeError, shapeText } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Operation, Spec, Tensor } from '../tensor.ts'

/** Multiply-adds of q·kᵀ over what is seen: a causal mask leaves about half. */
function seenPairs(inputs: readonly (Spec | null)[], causal: boolean): number {
  const [batch, queries, heads, width] = inputs[0]!.shape
  const keys = inputs[1]!.shape[1]
  // Query t sees keys 0 … t + S − T.
  const pairs = causal
    ? queries * Math.max(keys - queries, 0) + (Math.min(queries, keys) * (Math.min(queries, keys) + 1)) / 2
    : queries * keys
  return batch * heads * pairs * width
}

const forwardShapes = signature(
  'q: B T H D, k: B S G D, v: B S G D, documents?: i32 B T, lengths?: i32 B -> out: B T H D, lse: B H T',
)

const shapes: Operation['infer'] = (inputs) => {
  const specs = forwardShapes.infer('attention', inputs)
  const [q, k, , documents] = inputs
  if (q!.shape[2] % k!.shape[2] !== 0) {
    throw new ShapeError(
      'attention',
      `H must be a multiple of G, got ${q!.shape[2]} heads in q ${shapeText(q!.shape)} and ${k!.shape[2]} in k ${shapeText(k!.shape)}`,
    )
  }
  if (documents && q!.shape[1] !== k!.shape[1]) {
    throw new ShapeError('attention', `with documents, T and S must be equal, got ${q!.shape[1]} and ${k!.shape[1]}`)
  }
  return specs
}

const attentionOperation = operation({
  name: 'attention',
  attributes: ['causal', 'scale', 'precision'],
  shapes,
  flops: (inputs, _, { causal }) => 4 * seenPairs(inputs, causal === 1),
  gradient({ inputs: [q, k, v, documents, lengths], outputs: [out, lse], attributes }, [dOut]) {
    return apply(attentionBackward, [q, k, v, out, lse, dOut!, documents, lengths], attributes)
  },
})

const attentionBackward = operation({
  name: 'attention-backward',
  attributes: ['causal', 'scale', 'precision'],
  shapes: signature(
    'q: B T H D, k: B S G D, v: B S G D, out: B T H D, lse: B H T, dout: B T H D, documents?: i32 B T, lengths?: i32 B -> dq: B T H D, dk: B S G D, dv: B S G D',
  ),
  flops: (inputs, _, { causal }) => 10 * seenPairs(inputs, causal === 1),
})

export interface AttentionOptions {
  /** Position t sees s ≤ t + S − T only. */
  readonly causal?: boolean
  /** Factor of q·k; 1/√D when not given. */
  readonly scale?: number
  /** `[B, T]` i32: positions see each other only within the same document. */
  readonly documents?: Tensor
  /** `[B]` i32: keys from this position on are padding. */
  readonly lengths?: Tensor
}

/**
 * Scaled dot-product attention with grouped keys and values; the T×S scores are never stored.
 *
 * @param q `[B, T, H, D]`
 * @param k `[B, S, G, D]`, H divisible by G; head h reads group ⌊h·G/H⌋
 * @param v `[B, S, G, D]`
 * @returns `[B, T, H, D]`; softmax over S in f32; a query that sees nothing gives zeros
 * @throws ShapeError when D or G disagree
 * Cost: 4·B·H·T·S·D FLOPs (half of it when causal); O(T) extra memory a head.
 * Source: Vaswani et al. 2017, §3.2.1; grouped queries: Ainslie et al. 2023, §2; tiling: Dao et al. 2022, algorithm 1.
 *
 * @example
 * const [q, k] = [zeros([1, 2, 1, 1]), zeros([1, 2, 1, 1])] // equal scores
 * attention(q, k, constant([2, 4], [1, 2, 1, 1]), { causal: true }) // [[[[2]], [[3]]]]
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { causal = false, scale = 1 / Math.sqrt(q.shape[q.rank - 1]), documents = null, lengths = null } = options
  return apply(attentionOperation, [q, k, v, documents, lengths], { causal: causal ? 1 : 0, scale, precision: 0 })[0]
}
