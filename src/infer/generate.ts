import { ConfigError } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { type EngineOptions, engineFor } from './engine.ts'
import { sampler } from './sampling/sampler.ts'
import { checkIds, type RequestOptions } from './writing.ts'

export type GenerateOptions = Omit<RequestOptions, 'priority' | 'logprobs' | 'promptLogprobs'>

/** Draws continuations from one model and its weights, one at a time. */
export interface Generator {
  /**
   * Ids that follow `ids`, one at a time. Texts may become longer than what the model reads at once: of a longer prompt it sees the last
   * `context` tokens; when what it sees has grown to `context` tokens, the older half is dropped and the rest is read anew.
   *
   * @throws DataError when `ids` is empty or not of the vocabulary
   */
  generate(ids: ArrayLike<number>, options?: GenerateOptions): AsyncGenerator<number>
  /** Scores of every next token after `ids`, of which the last `context` are seen: `[V]`. */
  nextLogits(ids: ArrayLike<number>): Promise<Float32Array>
  release(): void
}

/**
 * Prepares generation with the weights in `state`, on an engine for one text. Weights may change between texts. For many
 * texts at a time, and for everything that can be asked of one, see {@link inferenceEngine}.
 *
 * @example
 * const ids = await Array.fromAsync(generator(model, run.state).generate([1, 2], { maxTokens: 3 }))
 * ids.length // 3
 */
export function generator(
  model: LanguageModel,
  state: State,
  options: Pick<EngineOptions, 'cacheDType' | 'chunk' | 'stored' | 'precision'> = {},
): Generator {
  const { context } = model
  const engine = engineFor(model, state, { ...options, cacheTokens: context, maxTexts: 1, prefixCache: false })
  return {
    async *generate(ids, options = {}) {
      const { maxTokens = 128, ...others } = options
      if (!Number.isInteger(maxTokens) || maxTokens < 0)
        throw new ConfigError(`generate: maxTokens must be a whole number of 0 or more, got ${maxTokens}`)
      checkIds(ids, model.vocabSize)
      const draws = sampler(options, ids)
      const text = Array.from(ids)
      let drawn = 0
      for (let seen = Math.min(text.length, context); drawn < maxTokens; seen = Math.max(1, context >> 1)) {
        const window = text.slice(-seen)
        const request = engine.goOn(window, { ...others, maxTokens: maxTokens - drawn }, { sampler: draws, drawn })
        for await (const { id } of request) {
          text.push(id)
          drawn++
          yield id
        }
        if ((await request.result).finishReason !== 'length') return
      }
    },
    nextLogits: async (ids) => engine.nextLogits(Array.from(ids).slice(-context)),
    release() {
      void engine.close()
    },
  }
}
