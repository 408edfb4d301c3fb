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
  minimum,
  multiply,
  type Regularization,
  regularizedCrossEntropy,
  reshape,
  scalar,
  state,
  subtract,
  sum,
  type Tensor,
  where,
} from '../tensor/index.ts'

// The programs of a training run, as computations. Inputs: `ids` [B, T] and `targets` [B·T], i32, a negative target is
// not counted; `documents` [B, T], i32, where rows are packed; `step` [1], i32, where values are dropped: another number
// for each batch of a run; `control`, the optimizer's numbers; `emaShare` [1], where a mean of the weights is kept.

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

/** What training does to the loss, and evaluation does not. */
export interface Objective extends Regularization {
  /** Drops values of the model with the probability `rate`; the program reads `step`. */
  readonly dropout?: { readonly rate: number; readonly seed: number }
}

/** Dropout draws from streams above those of the first weights. */
const DROPOUT_STREAM = 2 ** 20

/** Sums over a batch: of what training makes small, of its cross-entropy in nats, and of the targets that count. */
export function batchLoss(
  model: LanguageModel,
  weights: Weights,
  { batch, tokens, packed = false }: BatchShape,
  { dropout: dropped, ...regularization }: Objective = {},
): { total: Tensor; nats: Tensor; count: Tensor } {
  const documents = packed ? input('documents', [batch, tokens], 'i32') : undefined
  const dropout =
    dropped && dropped.rate !== 0
      ? {
          rate: dropped.rate,
          key: { seed: dropped.seed, stream: DROPOUT_STREAM, step: input('step', [1], 'i32') },
        }
      : undefined
  const features = model.features(weights, input('ids', [batch, tokens], 'i32'), { documents, dropout }) // [B, T, C]
  const targets = input('targets', [batch * tokens], 'i32')
  const rows = reshape(features, [batch * tokens, -1]) // [N, C]
  const { losses, nats } = regularizedCrossEntropy(rows, model.head(weights), targets, regularization) // [N]
  return { total: sum(losses), nats: sum(nats), count: sum(less(-1, targets)) }
}

/** Outputs `total` (nats) and `count`: the cross-entropy of a batch, without gradients. */
export function evaluation(model: LanguageModel, shape: BatchShape): Computation {
  const { total, count } = batchLoss(model, stateWeights(model.weights), shape)
  return { outputs: { total, count } }
}

/** How a step ends. */
export interface UpdateOptions {
  readonly optimizer: Optimizer
  /** The greatest global norm of the gradients; longer ones are shortened to it. 0 leaves them alone. */
  readonly clip: number
  /** Whether states `NAME.ema` follow the weights: each comes nearer by `emaShare` of the distance. */
  readonly ema?: boolean
}

export interface StepOptions extends BatchShape, Objective, UpdateOptions {}

/**
 * One step on one batch, updates the weights. Outputs `loss` (what the step makes smaller, nats a token), `nats` (the
 * cross-entropy of it) and `norm` (of the gradients before clipping).
 */
export function trainingStep(model: LanguageModel, { optimizer, clip, ema, ...batch }: StepOptions): Computation {
  const weights = stateWeights(model.weights)
  const { total, nats, count } = batchLoss(model, weights, batch, batch)
  const loss = divide(total, count)
  const names = Object.keys(model.weights)
  const slopes = gradients(
    loss,
    names.map((name) => weights[name]),
  )
  return {
    outputs: { loss, nats: divide(nats, count), norm: globalNorm(slopes) },
    updates: descent(model, slopes, { optimizer, clip, ema }),
  }
}

/** The state that gradients of several batches are summed in. */
const gradientName = (weight: string) => `${weight}.gradient`

/**
 * Adds the gradients of one of several batches that make up a step. Inputs also `keep` `[1]` (0 for the first batch of a
 * step: what was summed before is dropped; else 1) and `share` `[1]`, this batch's part of the step's targets. Outputs
 * `loss` and `nats` of this batch, and `norm`, that of its own gradient.
 */
export function gradientSum(model: LanguageModel, batch: BatchShape & Objective): Computation {
  const weights = stateWeights(model.weights)
  const { total, nats, count } = batchLoss(model, weights, batch, batch)
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
    // Not a product with `keep`: what was summed before may be NaN.
    return [before, add(where(keep, before, 0), slopes[i])]
  })
  const norm = divide(globalNorm(slopes), reshape(share, []))
  return { outputs: { loss, nats: divide(nats, count), norm }, updates }
}

/** The end of a step whose gradients were summed by {@link gradientSum}; outputs `norm` as {@link trainingStep} does. */
export function gradientStep(model: LanguageModel, options: UpdateOptions): Computation {
  const slopes = Object.entries(model.weights).map(([name, { shape }]) => state(gradientName(name), shape))
  return { outputs: { norm: globalNorm(slopes) }, updates: descent(model, slopes, options) }
}

/** The state that holds the running mean of a weight. @example emaName('wte.weight') // 'wte.weight.ema' */
export function emaName(weight: string): string {
  return `${weight}.ema`
}

/** Begins the running means at the weights as they are. */
export function emaStart(model: LanguageModel): Computation {
  const updates = Object.entries(model.weights).map(([name, { shape }]): [Tensor, Tensor] => [
    state(emaName(name), shape),
    state(name, shape),
  ])
  return { outputs: {}, updates }
}

function descent(
  model: LanguageModel,
  slopes: readonly Tensor[],
  { optimizer, clip, ema = false }: UpdateOptions,
): [Tensor, Tensor][] {
  const scale = clip > 0 ? minimum(1, divide(clip, add(globalNorm(slopes), 1e-6))) : scalar(1)
  const numbers = input('control', [optimizer.control(0, 1).length])
  const control = concat([numbers, reshape(scale, [1])], 0)
  return Object.entries(model.weights).flatMap(([name, spec], i) => {
    const updates = optimizer.update(name, spec, slopes[i], control)
    return ema ? [...updates, emaUpdate(name, updates)] : updates
  })
}

/** The running mean of a weight after a step that gave the weight its new contents among `updates`. */
function emaUpdate(name: string, updates: readonly [Tensor, Tensor][]): [Tensor, Tensor] {
  const [, weight] = updates.find(([{ node }]) => node.source?.kind === 'state' && node.source.name === name)!
  const before = state(emaName(name), weight.shape)
  return [before, add(before, multiply(subtract(weight, before), input('emaShare', [1])))]
}
