import type { Backend } from '../backend/index.ts'
import { DataError } from '../base/index.ts'
import { createState, load, plan, type State, writeRows } from '../compiler/index.ts'
import type { Batch } from '../data/index.ts'
import { type LanguageModel, logits } from '../models/index.ts'
import { type StoredWeights, stateWeights, type Weights } from '../nn/index.ts'
import {
  argmax,
  equal,
  exp,
  input,
  less,
  log,
  max,
  multiply,
  negate,
  pick,
  reshape,
  subtract,
  sum,
  type Tensor,
} from '../tensor/index.ts'
import type { ReadWeight } from './calibrate.ts'

/** Weights as they are stored: what {@link quantize} gives. */
export interface StoredModel {
  readonly stored: StoredWeights
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

/** What fewer bits cost, on text that nothing was fitted to. */
export interface QualityReport {
  /** Tokens that were predicted. */
  readonly tokens: number
  /** e^(mean cross-entropy) of the model, and of its quantized copy. */
  readonly perplexity: number
  readonly quantizedPerplexity: number
  /** Mean of KL(original ‖ quantized) over tokens, nats. */
  readonly divergenceNats: number
  /** Share of tokens for which both hold the same next token likeliest. */
  readonly agreement: number
}

const PREFIX = 'quantized.'

/**
 * Compares a model with a quantized copy, token by token, with the kernels that will run it: where weights are packed integers,
 * inputs are rounded to 8 bits too.
 *
 * @param read gives the model's own weights
 * @param batches of one shape; targets below 0 do not count
 * @throws DataError without targets
 *
 * @example
 * const data = await batches(validation, { batch: 2, tokens: 16 }).at(0)
 * const read = (name) => new Float32Array(sizeOf(model.weights[name].shape)).fill(1)
 * const quantized = await quantize(model, read, { backend, type: 'int8' })
 * const report = await evaluateQuantized(model, read, quantized, [data], { backend })
 * report.tokens // 32
 */
export async function evaluateQuantized(
  model: LanguageModel,
  read: ReadWeight,
  quantized: StoredModel,
  batches: readonly Batch[],
  { backend, signal, onBatch }: { backend: Backend; signal?: AbortSignal; onBatch?: () => void },
): Promise<QualityReport> {
  if (batches.length === 0) throw new DataError('evaluate: no batches were given')
  const shared = createState(backend)
  try {
    const [{ batch, tokens, documents }] = batches
    const { program, names } = comparison(model, quantized.stored, { batch, tokens, packed: documents !== undefined })
    const loaded = load(program, shared)
    for (const name of names) {
      shared.write(name, await read(name))
      await writeStored(shared, name, quantized)
    }
    const total = { count: 0, nats: 0, quantizedNats: 0, divergence: 0, agreed: 0 }
    for (const { inputs: ids, targets, documents } of batches) {
      signal?.throwIfAborted()
      const sums = await loaded.run({ ids, targets, documents: documents! })
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += sums[key][0]
      onBatch?.()
    }
    loaded.release()
    if (total.count === 0) throw new DataError('evaluate: no batch holds a target that counts')
    const mean = (sum: number) => sum / total.count
    return {
      tokens: total.count,
      perplexity: Math.exp(mean(total.nats)),
      quantizedPerplexity: Math.exp(mean(total.quantizedNats)),
      divergenceNats: mean(total.divergence),
      agreement: mean(total.agreed),
    }
  } finally {
    shared.release()
  }
}

function comparison(
  model: LanguageModel,
  stored: StoredWeights,
  { batch, tokens, packed }: { batch: number; tokens: number; packed: boolean },
) {
  const ids = input('ids', [batch, tokens], 'i32')
  const targets = input('targets', [batch * tokens], 'i32')
  const documents = packed ? input('documents', [batch, tokens], 'i32') : undefined
  const rows = (weights: Weights) => reshape(logits(model, weights, ids, { documents }), [batch * tokens, -1])
  const before = rows(stateWeights(model.weights)) // [N, V]
  const after = rows(stateWeights(model.weights, stored, PREFIX)) // [N, V]
  const [logBefore, logAfter] = [logSoftmax(before), logSoftmax(after)]
  const counts = less(-1, targets) // [N]
  const over = (values: Tensor) => sum(multiply(values, counts))
  const program = plan({
    outputs: {
      count: sum(counts),
      nats: over(negate(pick(logBefore, targets))),
      quantizedNats: over(negate(pick(logAfter, targets))),
      divergence: over(sum(multiply(exp(logBefore), subtract(logBefore, logAfter)), -1)),
      agreed: over(equal(argmax(before), argmax(after))),
    },
  })
  const names = program.states.flatMap(({ name }) => (name.startsWith(PREFIX) ? [] : [name]))
  return { program, names }
}

function logSoftmax(x: Tensor): Tensor {
  const shifted = subtract(x, max(x, -1, { keepAxes: true }))
  return subtract(shifted, log(sum(exp(shifted), -1, { keepAxes: true })))
}

async function writeStored(shared: State, name: string, { bytes }: StoredModel): Promise<void> {
  const found = bytes.get(name)
  if (found === undefined) throw new DataError(`evaluate: the quantized model has no ${name}`)
  await writeRows(shared, PREFIX + name, found)
}
