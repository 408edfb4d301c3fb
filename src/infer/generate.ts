import { ConfigError, DataError, random } from '../base/index.ts'
import { type Computation, compile, type PlanOptions, type Program, type State } from '../compiler/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { linear, stateWeights } from '../nn/index.ts'
import { gather, input, reshape } from '../tensor/index.ts'
import type { SamplingOptions } from './sampling/options.ts'
import { sample } from './sampling/sample.ts'

export interface GenerateOptions extends SamplingOptions {
  readonly maxTokens?: number
  readonly seed?: number
  /** Ids that end the text; the one that ended it is not given out. */
  readonly stop?: readonly number[]
  /** Only ids below it are drawn: of a tokenizer that has fewer tokens than the model; all of the model's when not given. */
  readonly vocabSize?: number
}

/** Draws continuations from one model and its weights. */
export interface Generator {
  /**
   * Ids that follow `ids`, one at a time. Of a longer text the model sees the last `context` tokens.
   *
   * @throws DataError when `ids` is empty
   */
  generate(ids: ArrayLike<number>, options?: GenerateOptions): AsyncGenerator<number>
  /** Scores of every next token after `ids`: `[V]`. */
  nextLogits(ids: ArrayLike<number>): Promise<Float32Array>
  release(): void
}

/** The smallest window: shorter texts are padded to it. */
const SMALLEST = 16

/**
 * Prepares generation with the weights in `state`. The text is read in windows of a few fixed lengths (powers of two), each
 * compiled when it is first needed; what stands after the text's end is padding that a causal model does not see.
 *
 * @example
 * const ids = await Array.fromAsync(generator(model, run.state).generate([1, 2], { maxTokens: 3 }))
 * ids.length // 3
 */
export function generator(model: LanguageModel, state: State, { precision }: PlanOptions = {}): Generator {
  const programs = new Map<number, Program>()

  const programFor = (length: number): { program: Program; window: number } => {
    let window = SMALLEST
    while (window < length) window *= 2
    window = Math.min(window, model.context)
    let program = programs.get(window)
    if (program === undefined) {
      program = compile(nextToken(model, window), { backend: state.backend, state, precision })
      programs.set(window, program)
    }
    return { program, window }
  }

  const nextLogits = async (ids: ArrayLike<number>): Promise<Float32Array> => {
    if (ids.length === 0) throw new DataError('generate: there must be at least one token to go on from')
    const start = Math.max(0, ids.length - model.context)
    const length = ids.length - start
    const { program, window } = programFor(length)
    const padded = new Int32Array(window)
    for (let i = 0; i < length; i++) {
      const id = ids[start + i]
      if (!(id >= 0 && id < model.vocabSize))
        throw new DataError(`generate: token id ${id} is not in a vocabulary of ${model.vocabSize}`)
      padded[i] = id
    }
    const { logits } = await program.run({ ids: padded, last: [length - 1] })
    return logits as Float32Array
  }

  return {
    nextLogits,
    async *generate(ids, { maxTokens = 128, seed = 1, stop = [], vocabSize = model.vocabSize, ...sampling } = {}) {
      if (!Number.isInteger(maxTokens) || maxTokens < 0) {
        throw new ConfigError(`generate: maxTokens must be a whole number of 0 or more, got ${maxTokens}`)
      }
      const rng = random(seed)
      const text = Array.from(ids)
      for (let i = 0; i < maxTokens; i++) {
        const id = sample((await nextLogits(text)).subarray(0, vocabSize), sampling, rng)
        if (stop.includes(id)) return
        text.push(id)
        yield id
      }
    },
    release() {
      for (const program of programs.values()) program.release()
      programs.clear()
    },
  }
}

/** Logits after position `last` of a window. */
function nextToken(model: LanguageModel, window: number): Computation {
  const weights = stateWeights(model.weights)
  const features = model.features(weights, input('ids', [1, window], 'i32')) // [1, T, C]
  const row = gather(reshape(features, [window, -1]), input('last', [1], 'i32')) // [1, C]
  return { outputs: { logits: linear(row, model.head(weights)) } }
}
