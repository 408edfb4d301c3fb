import type { Backend } from '../backend/index.ts'
import { ConfigError, DataError, DivergedError, type Divergence } from '../base/index.ts'
import {
  type Computation,
  compile,
  createState,
  load,
  type Plan,
  type PlanOptions,
  type State,
} from '../compiler/index.ts'
import type { Batch } from '../data/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { Optimizer, OptimizerState } from '../optim/index.ts'
import { batchInputs, countTargets } from './batch-inputs.ts'
import { evaluatorOf } from './evaluator.ts'
import { gradientNoise, noiseScale } from './noise-scale.ts'
import { stepPlans } from './plans.ts'
import {
  type BatchShape,
  emaName,
  emaStart,
  gradientStep,
  gradientSum,
  initialization,
  trainingStep,
} from './programs.ts'

/**
 * Endless batches of one shape; `batches` of alippe/data makes them. With `packed`, batches say which document each token
 * belongs to: attention stays within it and positions begin anew with each. Each batch has arrays of its own: those of one
 * step are drawn before the first is read.
 */
export type BatchSource = (Iterable<Batch> | AsyncIterable<Batch>) & BatchShape

export interface TrainOptions {
  readonly backend: Backend
  /** Steps of the whole run, counted from its very beginning also when it is resumed. */
  readonly steps: number
  readonly optimizer: Optimizer
  readonly seed?: number
  /** The greatest global norm of the gradients; 0 leaves them alone. */
  readonly clip?: number
  /** Batches that make up one step. */
  readonly accumulate?: number
  /** ε: the share of each target's probability that is spread over the whole vocabulary; 0 to below 1, default 0. */
  readonly labelSmoothing?: number
  /** z: adds z·lse² to each loss, which keeps logits from drifting; 1e-4 is usual, default 0. */
  readonly zLoss?: number
  /** The probability with which values are dropped after the embeddings and at the end of both residual branches; default 0. */
  readonly dropout?: number
  /**
   * Decay of a running mean of the weights, in states `NAME.ema`: 0.999 looks back on some 1,000 steps; 0, the default,
   * keeps none. It begins equal to the weights, and forgets this beginning with the first step: until the run is long
   * enough for its decay, it is the mean over all steps (the correction of Kingma & Ba 2015, §3).
   */
  readonly ema?: number
  readonly precision?: PlanOptions['precision']
  /** What the forward forgets and the backward computes again; `none` when not given. No result depends on it. */
  readonly recompute?: PlanOptions['recompute']
  /** Bytes that the whole run may take, evaluating included: it forgets, and computes again, what costs least. */
  readonly memory?: number
  /** Weights and moments to go on from; fresh ones when not given. */
  readonly state?: State
  /** Steps that `state` has behind it. */
  readonly from?: number
}

/** What is known after a step. */
export interface StepReport {
  /** Steps done: 1 after the first. */
  readonly step: number
  /** What the step made smaller, before the update, nats a token: with label smoothing, z-loss and dropout. */
  readonly lossNats: number
  /** The cross-entropy of the same targets alone: what compares with an evaluation. */
  readonly crossEntropyNats: number
  /** Global norm of the gradients before clipping. */
  readonly gradientNorm: number
  readonly learningRate: number
  /** Tokens that the step read. */
  readonly tokens: number
  readonly milliseconds: number
  readonly tokensPerSecond: number
  /**
   * The gradient noise scale: how many tokens a step could well use. Known where steps are made of several batches, once
   * the gradient stands out of its noise; its running means begin anew with each run.
   */
  readonly noiseScaleTokens?: number
}

/** A training run: iterate over it to make it happen, one step at a time. */
export interface Run extends AsyncIterable<StepReport> {
  readonly model: LanguageModel
  /** Weights and what the optimizer remembers, by name. */
  readonly state: State
  /** The programs of one step, planned before the first. */
  readonly plans: readonly Plan[]
  /** FLOPs of one step, counted call by call. */
  readonly flopsPerStep: number
  /** Bytes of backend memory that steps need; of what kernels use beside their buffers, the most that it can be. */
  readonly memoryBytes: number
  /** Bytes more that evaluating needs: its program is loaded when `evaluate` is called for the first time, and stays. */
  readonly evaluationBytes: number
  /** What the optimizer remembers: what a checkpoint holds beside the weights. */
  readonly optimizerStates: readonly OptimizerState[]
  /**
   * The steps after step `from`, with whatever the state and the batches hold by then: how a run that went back to an
   * earlier state goes on. Iterating over the run itself begins where its options say.
   */
  stepsFrom(from: number): AsyncGenerator<StepReport>
  /** Names of the running means of the weights, in the order of the weights; none without `ema`. */
  readonly emaStates: readonly string[]
  /**
   * Mean cross-entropy over batches, with documents or without, nats a token; changes nothing. With `ema`, of the running
   * means of the weights.
   */
  evaluate(batches: Iterable<Batch> | AsyncIterable<Batch>, options?: { readonly ema?: boolean }): Promise<number>
  release(): void
}

/**
 * Trains a language model: a generator of steps, which prints nothing and writes no files.
 *
 * The same seed and batches on the same backend give the same bits, whatever the number of threads; a run that goes on
 * from a checkpoint equals one that never stopped.
 *
 * @param data `accumulate` batches a step; each target of a step counts alike, however many its batch has
 * @throws DataError when no target of a step counts, documents are not numbered as {@link Batch} says, or batches have them
 * and the source is not `packed`
 * @throws DivergedError in the step in which a loss or a gradient is not finite; the weights are then spoilt
 */
export async function train(model: LanguageModel, data: BatchSource, options: TrainOptions): Promise<Run> {
  const { backend, steps, optimizer, seed = 1, clip = 1, accumulate = 1, ema = 0, from = 0 } = options
  const { precision, recompute, memory } = options
  const packed = data.packed ?? false
  const shape = { batch: data.batch, tokens: data.tokens, packed }
  checkSettings(model, { ...options, ...shape })
  const { labelSmoothing, zLoss, dropout: rate = 0 } = options
  const batch = { ...shape, labelSmoothing, zLoss, dropout: { rate, seed } }
  const update = { optimizer, clip, ema: ema > 0 }
  const computations: Computation[] =
    accumulate === 1
      ? [trainingStep(model, { ...batch, ...update })]
      : [gradientSum(model, batch), gradientStep(model, update)]
  const state = options.state ?? createState(backend)
  const emaStates = ema > 0 ? Object.keys(model.weights).map(emaName) : []
  if (options.state === undefined) await runOnce(initialization(model, seed), state)
  if (!emaStates.every((name) => state.places.has(name))) await runOnce(emaStart(model), state)
  const evaluator = evaluatorOf(model, shape, state, { precision, memory: memory === undefined ? undefined : 'least' })
  const plans = stepPlans(computations, { precision, recompute, memory }, backend.workspaceBytes + evaluator.bytes)
  const programs = plans.map((each) => load(each, state))

  async function* stepsFrom(first: number): AsyncGenerator<StepReport> {
    const source = Symbol.asyncIterator in data ? data[Symbol.asyncIterator]() : data[Symbol.iterator]()
    const nextBatch = async (): Promise<Batch> => {
      const { value, done } = await source.next()
      if (done) throw new DataError('train: the batches ended before the run did; give endless ones')
      return value
    }
    const parts = new Array<Batch>(accumulate)
    const counts = new Array<number>(accumulate)
    const noise = noiseScale()
    // The arrays that programs read are made once; each batch changes their numbers.
    const numbers = { control: [0], emaShare: [0], step: [0], keep: [0], share: [0] }
    const inputs: Record<string, ArrayLike<number>> = {}
    for (let step = first; step < steps; step++) {
      const start = performance.now()
      let targets = 0
      for (let i = 0; i < accumulate; i++) {
        parts[i] = await nextBatch()
        targets += counts[i] = countTargets(parts[i])
      }
      if (targets === 0) throw new DataError(`train: no batch of step ${step + 1} holds a target that counts`)

      numbers.control = optimizer.control(step, steps)
      numbers.emaShare[0] = (1 - ema) / (1 - ema ** (step + 1))
      let lossNats = 0
      let crossEntropyNats = 0
      let gradientNorm = 0
      let counted = 0
      let partSquare = 0
      for (let i = 0; i < accumulate; i++) {
        if (counts[i] === 0) continue // it has no mean
        const share = counts[i] / targets
        numbers.share[0] = share
        numbers.keep[0] = counted === 0 ? 0 : 1
        numbers.step[0] = step * accumulate + i
        const { loss, nats, norm } = await programs[0].run(
          Object.assign(inputs, numbers, batchInputs(parts[i], packed)),
        )
        checkFinite({ step: step + 1, batch: i, lossNats: loss[0], gradientNorm: norm[0] })
        lossNats += loss[0] * share
        crossEntropyNats += nats[0] * share
        gradientNorm = norm[0]
        partSquare += norm[0] ** 2 * share
        counted++
      }
      if (accumulate > 1) {
        gradientNorm = (await programs[1].run(numbers)).norm[0]
        checkFinite({ step: step + 1, lossNats, gradientNorm })
      }
      if (counted > 1) {
        noise.add(gradientNoise({ parts: counted, targets, partSquare, wholeSquare: gradientNorm ** 2 }))
      }

      const milliseconds = performance.now() - start
      const read = shape.batch * shape.tokens * accumulate
      yield {
        step: step + 1,
        lossNats,
        crossEntropyNats,
        gradientNorm,
        learningRate: numbers.control[0],
        tokens: read,
        milliseconds,
        tokensPerSecond: (read / milliseconds) * 1000,
        noiseScaleTokens: noise.tokens,
      }
    }
  }

  const flops = plans.map((each) => each.flops)
  return {
    model,
    state,
    plans,
    flopsPerStep: accumulate === 1 ? flops[0] : flops[0] * accumulate + flops[1],
    memoryBytes: plans.reduce((total, each) => total + each.arenaBytes, state.bytes + backend.workspaceBytes),
    get evaluationBytes() {
      return evaluator.bytes
    },
    optimizerStates: Object.entries(model.weights).flatMap(([name, spec]) => optimizer.states(name, spec)),
    emaStates,
    stepsFrom,
    [Symbol.asyncIterator]: () => stepsFrom(from),
    async evaluate(batches, { ema: ofEma = false } = {}) {
      if (ofEma && ema === 0) throw new ConfigError('evaluate: the run keeps no mean of its weights; set ema')
      return evaluator.evaluate(batches, ofEma)
    },
    release() {
      for (const program of programs) program.release()
      evaluator.release()
      if (options.state === undefined) state.release()
    },
  }
}

async function runOnce(computation: Computation, state: State): Promise<void> {
  const program = compile(computation, { backend: state.backend, state })
  await program.run()
  program.release()
}

function checkFinite(found: Divergence): void {
  if (!Number.isFinite(found.lossNats) || !Number.isFinite(found.gradientNorm)) throw new DivergedError(found)
}

/** Label smoothing, z-loss and dropout are checked where they are used: the programs are written before anything runs. */
function checkSettings(
  model: LanguageModel,
  { steps, batch, tokens, accumulate = 1, clip = 1, ema = 0, from = 0 }: TrainOptions & BatchShape,
): void {
  for (const [name, value] of Object.entries({ steps, batch, tokens, accumulate })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError(`train: ${name} must be a whole number above 0, got ${value}`)
  }
  if (!(clip >= 0)) throw new ConfigError(`train: clip must be 0 or more, got ${clip}`)
  if (!(ema >= 0 && ema < 1)) throw new ConfigError(`train: ema must be at least 0 and below 1, got ${ema}`)
  if (from > steps)
    throw new ConfigError(`train: the run has ${from} steps behind it and ends at ${steps}; raise steps`)
  if (tokens > model.context) {
    throw new ConfigError(
      `train: tokens is ${tokens}, but the model reads ${model.context} at most; lower tokens or raise the model's context`,
    )
  }
}
