import type { Backend } from '../backend/index.ts'
import { AlippeError, ConfigError, DataError } from '../base/index.ts'
import {
  type Computation,
  compile,
  createState,
  load,
  type Plan,
  type PlanOptions,
  type Program,
  plan,
  type State,
} from '../compiler/index.ts'
import type { Batch } from '../data/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { Optimizer } from '../optim/index.ts'
import { batchInputs, countTargets } from './batch-inputs.ts'
import { type BatchShape, evaluation, gradientStep, gradientSum, initialization, trainingStep } from './programs.ts'

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
  readonly precision?: PlanOptions['precision']
  /** Weights and moments to go on from; fresh ones when not given. */
  readonly state?: State
  /** Steps that `state` has behind it. */
  readonly from?: number
}

/** What is known after a step. */
export interface StepReport {
  /** Steps done: 1 after the first. */
  readonly step: number
  /** Loss of the step's batches before the update, nats a token. */
  readonly lossNats: number
  /** Global norm of the gradients before clipping. */
  readonly gradientNorm: number
  readonly learningRate: number
  /** Tokens that the step read. */
  readonly tokens: number
  readonly milliseconds: number
  readonly tokensPerSecond: number
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
  /** Names of what the optimizer remembers: what a checkpoint holds beside the weights. */
  readonly optimizerStates: readonly string[]
  /** Mean loss over batches, with documents or without, nats a token; changes nothing. */
  evaluate(batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<number>
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
 * @throws AlippeError (ALIPPE_DIVERGED) when a loss is not finite; the weights are then those after the bad step
 */
export async function train(model: LanguageModel, data: BatchSource, options: TrainOptions): Promise<Run> {
  const { backend, steps, optimizer, seed = 1, clip = 1, accumulate = 1, precision, from = 0 } = options
  const packed = data.packed ?? false
  const shape = { batch: data.batch, tokens: data.tokens, packed }
  checkSettings(model, { ...options, ...shape })
  const computations: Computation[] =
    accumulate === 1
      ? [trainingStep(model, { ...shape, optimizer, clip })]
      : [gradientSum(model, shape), gradientStep(model, { optimizer, clip })]
  const plans = computations.map((computation) => plan(computation, { precision }))
  let evaluationPlan = plan(evaluation(model, shape), { precision })
  let evaluatesPacked = packed

  const state = options.state ?? createState(backend)
  if (options.state === undefined) {
    const program = compile(initialization(model, seed), { backend, state })
    await program.run()
    program.release()
  }
  const programs = plans.map((each) => load(each, state))
  let evaluator: Program | undefined

  async function* run(): AsyncGenerator<StepReport> {
    const source = Symbol.asyncIterator in data ? data[Symbol.asyncIterator]() : data[Symbol.iterator]()
    const nextBatch = async (): Promise<Batch> => {
      const { value, done } = await source.next()
      if (done) throw new DataError('train: the batches ended before the run did; give endless ones')
      return value
    }
    for (let step = from; step < steps; step++) {
      const start = performance.now()
      const control = optimizer.control(step, steps)
      const parts: Batch[] = []
      while (parts.length < accumulate) parts.push(await nextBatch())
      const counts = parts.map(countTargets)
      const total = counts.reduce((sum, count) => sum + count, 0)
      if (total === 0) throw new DataError(`train: no batch of step ${step + 1} holds a target that counts`)
      let lossNats = 0
      let norm: number
      if (accumulate === 1) {
        const outputs = await programs[0].run({ ...batchInputs(parts[0], packed), control })
        lossNats = outputs.loss[0]
        norm = outputs.norm[0]
      } else {
        let keep = 0
        for (const [i, part] of parts.entries()) {
          if (counts[i] === 0) continue // it has no mean
          const share = counts[i] / total
          const { loss } = await programs[0].run({ ...batchInputs(part, packed), keep: [keep], share: [share] })
          lossNats += loss[0] * share
          keep = 1
        }
        norm = (await programs[1].run({ control })).norm[0]
      }
      const milliseconds = performance.now() - start
      const read = shape.batch * shape.tokens * accumulate
      if (!Number.isFinite(lossNats) || !Number.isFinite(norm)) {
        throw new AlippeError(
          'ALIPPE_DIVERGED',
          `the loss of step ${step + 1} is ${lossNats} and the gradient's norm ${norm}: go on from the last checkpoint with a lower learning rate or a lower clip`,
        )
      }
      yield {
        step: step + 1,
        lossNats,
        gradientNorm: norm,
        learningRate: control[0],
        tokens: read,
        milliseconds,
        tokensPerSecond: (read / milliseconds) * 1000,
      }
    }
  }

  // The program for packed rows reads batches of both kinds: once it was needed, it stays.
  function evaluatorFor({ documents }: Batch): Program {
    if (documents !== undefined && !evaluatesPacked) {
      evaluatesPacked = true
      evaluationPlan = plan(evaluation(model, { ...shape, packed: true }), { precision })
      evaluator?.release()
      evaluator = undefined
    }
    evaluator ??= load(evaluationPlan, state)
    return evaluator
  }

  const flops = plans.map((each) => each.flops)
  return {
    model,
    state,
    plans,
    flopsPerStep: accumulate === 1 ? flops[0] : flops[0] * accumulate + flops[1],
    memoryBytes: plans.reduce((total, each) => total + each.arenaBytes, state.bytes + backend.workspaceBytes),
    evaluationBytes: evaluationPlan.arenaBytes,
    optimizerStates: Object.keys(model.weights).flatMap((name) => optimizer.states(name)),
    [Symbol.asyncIterator]: run,
    async evaluate(batches) {
      let total = 0
      let count = 0
      for await (const batch of batches) {
        const outputs = await evaluatorFor(batch).run(batchInputs(batch, evaluatesPacked))
        total += outputs.total[0]
        count += outputs.count[0]
      }
      if (count === 0) throw new DataError('evaluate: no batch holds a target that counts')
      return total / count
    },
    release() {
      for (const program of programs) program.release()
      evaluator?.release()
      if (options.state === undefined) state.release()
    },
  }
}

function checkSettings(
  model: LanguageModel,
  { steps, batch, tokens, accumulate = 1, clip = 1, from = 0 }: TrainOptions & BatchShape,
): void {
  for (const [name, value] of Object.entries({ steps, batch, tokens, accumulate })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError(`train: ${name} must be a whole number above 0, got ${value}`)
  }
  if (!(clip >= 0)) throw new ConfigError(`train: clip must be 0 or more, got ${clip}`)
  if (from > steps)
    throw new ConfigError(`train: the run has ${from} steps behind it and ends at ${steps}; raise steps`)
  if (tokens > model.context) {
    throw new ConfigError(
      `train: tokens is ${tokens}, but the model reads ${model.context} at most; lower tokens or raise the model's context`,
    )
  }
}
