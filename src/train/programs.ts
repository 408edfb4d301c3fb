import type { Computation } from '../compiler/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { initialUpdates, stateWeights, type Weights } from '../nn/index.ts'
import type { Optimizer } from '../optim/index.ts'
import {
  add,
  concat,
  divide,
  globalNorm,
  gradients,
  input,
  less,
  linearCrossEntropy,
  minimum,
  multiply,
  reshape,
  scalar,
  state,
  sum,
  type Tensor,
} from '../tensor/index.ts'

// The programs of a training run, as computations. Inputs: `ids` [B, T] and `targets` [B·T], i32, a negative target is
// not counted; `documents` [B, T], i32, where rows are packed; `control`, the optimizer's numbers.

export interface BatchShape {
  /** B */
  readonly batch: number
  /** T */
  readonly tokens: number
  /** Whether a row holds several documents, each of which is read alone; false when not given. */
  readonly packed?: boolean
}

/** Gives every weight its first value. */
export function initialization(model: LanguageModel, seed: number): Computation {
  return { outputs: {}, updates: initialUpdates(model.weights, seed) }
}

/** Sum of the losses of a batch in nats, and the number of targets that count. */
function batchLoss(
  model: LanguageModel,
  weights: Weights,
  { batch, tokens, packed = false }: BatchShape,
): { total: Tensor; count: Tensor } {
  const documents = packed ? input('documents', [batch, tokens], 'i32') : undefined
  const features = model.features(weights, input('ids', [batch, tokens], 'i32'), { documents }) // [B, T, C]
  const targets = input('targets', [batch * tokens], 'i32')
  const rows = reshape(features, [batch * tokens, -1]) // [N, C]
  const losses = linearCrossEntropy(rows, model.head(weights), targets) // [N]
  return { total: sum(losses), count: sum(less(-1, targets)) }
}

/** Outputs `total` (nats) and `count`: the loss of a batch, without gradients. */
export function evaluation(model: LanguageModel, shape: BatchShape): Computation {
  return { outputs: { ...batchLoss(model, stateWeights(model.weights), shape) } }
}

export interface StepOptions extends BatchShape {
  readonly optimizer: Optimizer
  /** The greatest global norm of the gradients; longer ones are shortened to it. 0 leaves them alone. */
  readonly clip: number
}

/** One step on one batch: outputs `loss` (nats a token) and `norm` (of the gradients before clipping), updates the weights. */
export function trainingStep(model: LanguageModel, { optimizer, clip, ...shape }: StepOptions): Computation {
  const weights = stateWeights(model.weights)
  const { total, count } = batchLoss(model, weights, shape)
  const loss = divide(total, count)
  const names = Object.keys(model.weights)
  const slopes = gradients(
    loss,
    names.map((name) => weights[name]),
  )
  return { outputs: { loss, norm: globalNorm(slopes) }, updates: descent(model, slopes, optimizer, clip) }
}

/** The state that gradients of several batches are summed in. */
const gradientName = (weight: string) => `${weight}.gradient`

/**
 * Adds the gradients of one of several batches that make up a step. Inputs also `keep` `[1]` (0 for the first batch of a
 * step: what was summed before is dropped; else 1) and `share` `[1]`, this batch's part of the step's targets.
 */
export function gradientSum(model: LanguageModel, shape: BatchShape): Computation {
  const weights = stateWeights(model.weights)
  const { total, count } = batchLoss(model, weights, shape)
  const loss = divide(total, count)
  const names = Object.keys(model.weights)
  const keep = input('keep', [1])
  const share = input('share', [1])
  const slopes = gradients(
    multiply(loss, share),
    names.map((name) => weights[name]),
  )
  const updates = names.map((name, i): [Tensor, Tensor] => {
    const before = state(gradientName(name), model.weights[name].shape)
    return [before, add(multiply(before, keep), slopes[i])]
  })
  return { outputs: { loss }, updates }
}

/** The end of a step whose gradients were summed by {@link gradientSum}. */
export function gradientStep(
  model: LanguageModel,
  { optimizer, clip }: Pick<StepOptions, 'optimizer' | 'clip'>,
): Computation {
  const slopes = Object.entries(model.weights).map(([name, { shape }]) => state(gradientName(name), shape))
  return { outputs: { norm: globalNorm(slopes) }, updates: descent(model, slopes, optimizer, clip) }
}

function descent(
  model: LanguageModel,
  slopes: readonly Tensor[],
  optimizer: Optimizer,
  clip: number,
): [Tensor, Tensor][] {
  const scale = clip > 0 ? minimum(1, divide(clip, add(globalNorm(slopes), 1e-6))) : scalar(1)
  const numbers = input('control', [optimizer.control(0, 1).length])
  const control = concat([numbers, reshape(scale, [1])], 0)
  return Object.entries(model.weights).flatMap(([name, spec], i) => optimizer.update(name, spec, slopes[i], control))
}
