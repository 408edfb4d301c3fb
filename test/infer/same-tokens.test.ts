import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { random } from '../../src/base/index.ts'
import { compile, type State } from '../../src/compiler/index.ts'
import type { EngineOptions } from '../../src/infer/engine.ts'
import type { RequestOptions } from '../../src/infer/index.ts'
import { sampler } from '../../src/infer/sampling/sampler.ts'
import { logits } from '../../src/models/index.ts'
import { stateWeights } from '../../src/nn/index.ts'
import { input } from '../../src/tensor/index.ts'
import { backends, models, weightsOf, withEngine } from './engines.ts'

/** Prompts of many lengths; some begin with the same ids, over more than a page. */
const rng = random(11)
const draw = (length: number) => Array.from({ length }, () => rng.integer(61))
const beginning = draw(37)
const prompts = [
  ...[1, 2, 15, 16, 17, 33, 60].map(draw),
  beginning,
  [...beginning, ...draw(3)],
  [...beginning, ...draw(20)],
  beginning.slice(0, 32),
  [...beginning.slice(0, 20), ...draw(15)],
]

/** Greedy, and drawn in every way that there is. */
const manners: readonly RequestOptions[] = [
  { temperature: 0 },
  { temperature: 1.3, topP: 0.95 },
  { temperature: 0.9, topK: 12, minP: 0.02, typicalP: 0.9, repetitionPenalty: 1.2, frequencyPenalty: 0.3 },
  { mirostat: { tau: 3 }, dry: { multiplier: 1 } },
]
const optionsOf = (i: number): RequestOptions => ({
  ...manners[i % manners.length],
  maxTokens: 24,
  seed: i,
  logprobs: 0,
})

/** Tokens of a cache that has room for one long text and little else. */
const TINY = 144
/** The whole engine, with nothing that could make it depend on others. */
const alone: EngineOptions = { maxTexts: 1, prefixCache: false, chunk: 512 }
const variants: readonly (readonly [string, EngineOptions])[] = [
  ['8 at a time', { maxTexts: 8, prefixCache: false, cacheTokens: 4096 }],
  ['32 at a time', { maxTexts: 32, prefixCache: false, cacheTokens: 4096 }],
  ['the prefix cache', { maxTexts: 3, prefixCache: true }],
  ['chunks of 1', { maxTexts: 4, chunk: 1 }],
  ['chunks of 7', { maxTexts: 4, chunk: 7 }],
  ['chunks of 16', { maxTexts: 4, chunk: 16 }],
  ['a pool so small that texts lose their pages', { maxTexts: 12, chunk: 32, cacheTokens: TINY, prefixCache: false }],
  ['the same with the prefix cache', { maxTexts: 12, chunk: 32, cacheTokens: TINY, prefixCache: true }],
]

describe.each(Object.entries(models))('%s', (_, model) => {
  describe.each(Object.entries(backends))('on the %s backend', (_name, open) => {
    let backend: Backend
    let state: State
    beforeAll(async () => {
      backend = await open()
      state = await weightsOf(model, backend)
    })
    afterAll(async () => {
      state.release()
      await backend.close()
    })
    const textsWith = (options: EngineOptions) =>
      withEngine(model, state, options, async (engine) => {
        const requests = prompts.map((prompt, i) => engine.submit(prompt, optionsOf(i)))
        // Tokens, and the bits of their log-probabilities.
        const tokens = await Promise.all(requests.map((request) => Array.fromAsync(request)))
        return {
          texts: tokens.map((text) => text.map(({ id }) => id)),
          bits: tokens.map((text) => text.map(({ logprob }) => logprob)),
          preemptions: engine.figures().preemptions,
        }
      })

    it('writes the same tokens whatever the engine does to be fast', async () => {
      const { texts, bits } = await textsWith(alone)
      expect(texts.map(({ length }) => length)).toEqual(prompts.map(() => 24))
      // A model that says the same whatever it reads would pass everything below.
      expect(new Set(texts.map((text) => text.join())).size).toBe(prompts.length)
      for (const [variant, options] of variants) {
        const others = await textsWith(options)
        for (const i of prompts.keys()) {
          expect(others.texts[i], `tokens after prompt ${i} with ${variant}`).toEqual(texts[i])
          expect(others.bits[i], `bits after prompt ${i} with ${variant}`).toEqual(bits[i])
        }
        if (options.cacheTokens === TINY) expect(others.preemptions).toBeGreaterThan(0)
      }
    })

    it.each(['bf16', 'int8', 'int4'] as const)('does so with a cache in %s', async (cacheDType) => {
      const { texts, bits } = await textsWith({ ...alone, cacheDType })
      const others = await textsWith({ maxTexts: 12, chunk: 16, cacheTokens: TINY, cacheDType })
      expect(others.texts).toEqual(texts)
      expect(others.bits).toEqual(bits)
    })

    it('writes what the whole model says when it reads the whole text anew', async () => {
      const whole = compile(
        { outputs: { logits: logits(model, stateWeights(model.weights), input('ids', [1, 96], 'i32')) } },
        { backend, state },
      )
      const { texts } = await textsWith(alone)
      let near = 0
      for (const [i, prompt] of prompts.slice(0, 4).entries()) {
        const draws = sampler(optionsOf(i), prompt)
        const text = [...prompt]
        for (const [position, id] of texts[i].entries()) {
          const padded = Int32Array.from({ length: 96 }, (_, t) => text[t] ?? 0)
          const all = (await whole.run({ ids: padded })).logits as Float32Array
          const row = all.slice((text.length - 1) * 61, text.length * 61)
          const uniform = random({ seed: i, stream: 0, position }).next()
          // Another order of sums may turn a near draw; then the text is another from there on.
          if (draws.next(row, uniform) !== id) near++
          draws.accept(id)
          text.push(id)
        }
      }
      whole.release()
      expect(near).toBe(0)
    })
  })
})
