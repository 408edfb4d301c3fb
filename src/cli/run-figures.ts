import { byteLength, sizeOf } from '../base/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { parameterCount, stateWeights } from '../nn/index.ts'
import type { Run } from '../train/index.ts'

/** Numbers that a model learns, by where they are. */
export interface ParameterCounts {
  /** Of tokens and positions. */
  readonly embeddings: number
  readonly blocks: number
  /** What makes logits of features: the last norm, and an output embedding where it is not the input's. */
  readonly head: number
  readonly total: number
}

/** Weights of a block have its number in their names. */
const isOfBlock = (name: string) => /(^|\.)\d+\./.test(name)

/**
 * @example
 * parametersOf(gpt2(gpt2Sizes['gpt2-124m'])) // { embeddings: 39383808, blocks: 85054464, head: 1536, total: 124439808 }
 */
export function parametersOf(model: LanguageModel): ParameterCounts {
  const named = stateWeights(model.weights)
  const output = model.head(named)
  const outside = Object.entries(model.weights).filter(([name]) => !isOfBlock(name))
  // Tied: no other matrix has the rows of the output embedding.
  const isTied = outside.filter(([, { shape }]) => shape.length > 1 && shape[0] === model.vocabSize).length === 1
  let [embeddings, head] = [0, 0]
  for (const [name, { shape }] of outside) {
    if (shape.length === 1 || (!isTied && named[name] === output)) head += sizeOf(shape)
    else embeddings += sizeOf(shape)
  }
  const total = parameterCount(model.weights)
  return { embeddings, blocks: total - embeddings - head, head, total }
}

/** Bytes of a run by what they are for. */
export interface MemoryKinds {
  readonly weights: number
  /** What the optimizer remembers. */
  readonly optimizer: number
  /** Sums of the gradients of several batches, where they make up one step. */
  readonly gradientSums: number
  /** The running mean of the weights, where there is one. */
  readonly runningMean: number
  readonly otherState: number
  /** Results of the forward that wait for the gradients, at the peak of a step. */
  readonly activations: number
  /** Gradients of weights that wait for the optimizer, at the same time. */
  readonly gradients: number
  /** Batches, logits, gradients of activations. */
  readonly temporary: number
  /** The program that evaluates has activations of its own. */
  readonly evaluation: number
  /** Copies of what checkpoints hold, which are written while training goes on. */
  readonly checkpoints: number
  /** What kernels pack numbers into. */
  readonly workspace: number
  /** Node with this program. */
  readonly runtime: number
  readonly total: number
}

/**
 * The memory of a run from its plans, before it begins.
 *
 * @param beside workspace of the backend and the process without the run, in bytes, and whether checkpoints are written
 * before the end
 */
export function memoryOf(
  run: Run,
  { workspace, runtime, saves }: { workspace: number; runtime: number; saves: boolean },
): MemoryKinds {
  const states = new Map(run.plans.flatMap((plan) => plan.states.map((state) => [state.name, state])))
  const optimizer = new Set(run.optimizerStates.map(({ name }) => name))
  const kinds = { weights: 0, optimizer: 0, gradientSums: 0, runningMean: 0, otherState: 0 }
  const kindOf = (name: string): keyof typeof kinds => {
    if (Object.hasOwn(run.model.weights, name)) return 'weights'
    if (optimizer.has(name)) return 'optimizer'
    if (name.endsWith('.gradient')) return 'gradientSums'
    return name.endsWith('.ema') ? 'runningMean' : 'otherState'
  }
  for (const { name, shape, dtype } of states.values()) kinds[kindOf(name)] += byteLength(dtype, shape)
  const arena = { activations: 0, gradients: 0, temporary: 0 }
  for (const { arena: held } of run.plans) {
    arena.activations += held.activations
    arena.gradients += held.gradients
    arena.temporary += held.inputs + held.temporary + held.gaps
  }
  const evaluation = run.evaluationBytes
  const checkpoints = saves ? kinds.weights + kinds.optimizer + kinds.runningMean : 0
  const total = run.memoryBytes + evaluation + checkpoints + runtime
  return { ...kinds, ...arena, evaluation, checkpoints, workspace, runtime, total }
}

/** Bytes that the kernels of one step read and write. */
export function bytesMovedOf({ plans }: Run, accumulate: number): number {
  return plans.reduce((total, { bytesMoved }, i) => total + bytesMoved * (i === 0 ? accumulate : 1), 0)
}
