import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { compile, type State } from '../../src/compiler/index.ts'
import { engineOver } from '../../src/infer/engine.ts'
import { generator, type TokenConstraint } from '../../src/infer/index.ts'
import { logits } from '../../src/models/index.ts'
import { stateWeights } from '../../src/nn/index.ts'
import { input } from '../../src/tensor/index.ts'
import { backends, models, weightsOf, withEngine } from './engines.ts'
import { FAKE_VOCAB, fakeRunner } from './fake-runner.ts'

const model = models.llama
let backend: Backend
let state: State
beforeAll(async () => {
  backend = await backends.reference()
  state = await weightsOf(model, backend)
})
afterAll(async () => {
  state.release()
  await backend.close()
})

/** ln p of every token after each of `ids`, by the whole model: `[T][V]`. */
async function wholeLogProbabilities(ids: readonly number[]): Promise<number[][]> {
  const x = input('ids', [1, ids.length], 'i32')
  const weights = stateWeights(model.weights)
  const program = compile({ outputs: { y: logits(model, weights, x) } }, { backend, state })
  const { y } = await program.run({ ids })
  program.release()
  return ids.map((_, t) => {
    const row = Array.from((y as Float32Array).subarray(t * 61, (t + 1) * 61))
    const most = Math.max(...row)
    const normalizer = most + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0))
    return row.map((logit) => logit - normalizer)
  })
}

const prompt = [5, 9, 12, 5, 60, 0, 33, 7, 7, 21, 40, 2, 18, 5, 9, 12, 44, 3, 58, 10]

/** Attention of the whole model and of pages sum in another order; logits here are below 16, with a mantissa of 24 bits. */
const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(16 * 2 ** -24 * 32)

describe('log-probabilities', () => {
  it('are those of the whole model, of the prompt and of what is drawn, whatever the sampler does', async () => {
    for (const chunk of [3, 512])
      await withEngine(model, state, { chunk }, async (engine) => {
        const options = {
          maxTokens: 8,
          logprobs: 3,
          promptLogprobs: 2,
          temperature: 1.5,
          repetitionPenalty: 1.4,
          logitBias: { 4: 5 },
        }
        const request = engine.submit(prompt, options)
        const tokens = await Array.fromAsync(request)
        const { promptLogprobs } = await request.result
        const whole = await wholeLogProbabilities([...prompt, ...tokens.map(({ id }) => id)])
        expect(promptLogprobs!.length).toBe(prompt.length)
        expect(promptLogprobs![0]).toBeUndefined()
        for (const [t, token] of [...promptLogprobs!, ...tokens].entries()) {
          if (token === undefined) continue
          close(token.logprob!, whole[t - 1][token.id])
          expect(token.top!.length).toBe(t < prompt.length ? 2 : 3)
          for (const { id, logprob } of token.top!) close(logprob, whole[t - 1][id])
          close(token.top![0].logprob, Math.max(...whole[t - 1]))
        }
      })
  })

  it('of a prompt alone come without drawing', async () => {
    await withEngine(model, state, {}, async (engine) => {
      const { ids, promptLogprobs, finishReason } = await engine.submit(prompt, { maxTokens: 0, promptLogprobs: 0 })
        .result
      expect([ids, promptLogprobs!.length, finishReason]).toEqual([[], prompt.length, 'length'])
    })
  })
})

describe('several samples', () => {
  it('share the pages of their prompt, and each is what it would be alone', async () => {
    const options = { maxTokens: 20, temperature: 1.2, seed: 3 }
    await withEngine(model, state, { prefixCache: false }, async (engine) => {
      const requests = engine.samples(prompt, 4, options)
      let most = 0
      for await (const _ of requests[0]) most = Math.max(most, engine.figures().pagesHeld)
      // Two pages of prompt and new tokens, then a third, for each; the first page is everybody's.
      expect(most).toBeLessThanOrEqual(1 + 4 * 2)
      const texts = await Promise.all(requests.map(async ({ result }) => (await result).ids))
      expect(new Set(texts.map(String)).size).toBe(4)
      expect((await engine.submit(prompt, options).result).ids).toEqual(texts[0])
      const fewer = engine.samples(prompt, 4, options)
      fewer[0].cancel()
      fewer[2].cancel()
      expect((await fewer[3].result).ids).toEqual(texts[3])
      expect((await fewer[1].result).ids).toEqual(texts[1])
      expect((await fewer[2].result).finishReason).toBe('cancelled')
    })
    // Where only one has room at a time, too.
    await withEngine(model, state, { maxTexts: 1 }, async (engine) => {
      const one = engine.samples(prompt, 4, options)
      const texts = await Promise.all(one.map(async ({ result }) => (await result).ids))
      const alone = await Promise.all(engine.samples(prompt, 4, options).map(async ({ result }) => (await result).ids))
      expect(texts).toEqual(alone)
    })
  })
})

describe('beam search', () => {
  /** All texts of up to `length` tokens over a small vocabulary, scored by the fake model. */
  it('with beams enough finds what trying everything finds', async () => {
    const V = FAKE_VOCAB
    const engineOf = (pages: number) =>
      engineOver(fakeRunner(pages), { pages, limit: 96, vocabSize: V, maxTexts: 400, chunk: 512 })
    const start = [1, 2, 3]
    for (const lengthPenalty of [0, 1, 2]) {
      const engine = engineOf(800)
      // Every text of three tokens, or fewer before a stop id, by asking for the log-probabilities of each.
      const found: { ids: number[]; logprob: number; score: number }[] = []
      const score = (logprob: number, tokens: number) => logprob / tokens ** lengthPenalty
      const walk = async (ids: number[], logprob: number): Promise<void> => {
        const { promptLogprobs } = await engine.submit([...start, ...ids, 0], { maxTokens: 0, promptLogprobs: V })
          .result
        for (const { id, logprob: one } of promptLogprobs!.at(-1)!.top!) {
          const total = logprob + one
          if (id === 0) found.push({ ids, logprob: total, score: score(total, ids.length + 1) })
          else if (ids.length === 2) found.push({ ids: [...ids, id], logprob: total, score: score(total, 3) })
          else if (id < 6) await walk([...ids, id], total)
          else if (ids.length < 2) continue
        }
      }
      await walk([], 0)
      const possible = found.filter(({ ids }) => ids.every((id) => id < 6)).sort((a, b) => b.score - a.score)
      const beams = await engine.beams(start, {
        beams: 36,
        best: 5,
        maxTokens: 3,
        stop: [0],
        vocabSize: 6,
        lengthPenalty,
      })
      expect(beams.map(({ ids }) => ids)).toEqual(possible.slice(0, 5).map(({ ids }) => ids))
      for (const [i, beam] of beams.entries()) {
        expect(beam.logprob).toBeCloseTo(possible[i].logprob, 12)
        expect(beam.score).toBeCloseTo(possible[i].score, 12)
      }
      // With a cache in which not all find room, the same.
      const tiny = engineOf(7)
      expect(
        await tiny.beams(start, { beams: 36, best: 5, maxTokens: 3, stop: [0], vocabSize: 6, lengthPenalty }),
      ).toEqual(beams)
      for (const each of [engine, tiny]) {
        each.scheduler.check()
        expect(each.figures().pagesHeld).toBe(0)
        await each.close()
      }
    }
  })

  it('with one beam is greedy', async () => {
    await withEngine(model, state, {}, async (engine) => {
      const [beam] = await engine.beams(prompt, { beams: 1, maxTokens: 12 })
      expect(beam.ids).toEqual((await engine.submit(prompt, { maxTokens: 12, temperature: 0 }).result).ids)
      expect(beam.finishReason).toBe('length')
    })
  })

  it('gives its pages back when it is aborted', async () => {
    await withEngine(model, state, {}, async (engine) => {
      const controller = new AbortController()
      const found = engine.beams(prompt, { beams: 4, maxTokens: 70, signal: controller.signal })
      await engine.submit(prompt, { maxTokens: 4 }).result
      controller.abort(new Error('enough'))
      await expect(found).rejects.toThrow('enough')
      expect(engine.figures().pagesHeld).toBe(0)
    })
  })
})

describe('embeddings', () => {
  it('are the last features, or their mean', async () => {
    const ids = prompt
    const weights = stateWeights(model.weights)
    const features = model.features(weights, input('ids', [1, ids.length], 'i32'))
    const program = compile({ outputs: { features } }, { backend, state })
    const whole = (await program.run({ ids })).features as Float32Array
    program.release()
    await withEngine(model, state, { chunk: 6 }, async (engine) => {
      const [last, mean] = await Promise.all([engine.embed(ids, { pool: 'last' }), engine.embed(ids)])
      for (let c = 0; c < 32; c++) {
        close(last[c], whole[(ids.length - 1) * 32 + c])
        close(mean[c], ids.reduce((sum, _, t) => sum + whole[t * 32 + c], 0) / ids.length)
      }
    })
  })
})

describe('a request', () => {
  it('ends with a stop id, at its length, or where the text is full', async () => {
    await withEngine(model, state, {}, async (engine) => {
      const { ids } = await engine.submit(prompt, { maxTokens: 10, seed: 2 }).result
      const stopped = await engine.submit(prompt, { maxTokens: 10, seed: 2, stop: [ids[4]] }).result
      expect(stopped.ids).toEqual(ids.slice(0, ids.indexOf(ids[4])))
      expect([stopped.finishReason, stopped.stopId]).toEqual(['stop', ids[4]])
      const full = await engine.submit(prompt, { maxTokens: 1000 }).result
      expect([full.finishReason, prompt.length + full.ids.length]).toEqual(['length', 96])
    })
  })

  it('frees its pages at once when it is cancelled, or when its reader breaks off', async () => {
    await withEngine(model, state, { prefixCache: false }, async (engine) => {
      const request = engine.submit(prompt, { maxTokens: 70 })
      for await (const _ of request) {
        expect(engine.figures().pagesHeld).toBeGreaterThan(0)
        request.cancel()
        expect(engine.figures()).toMatchObject({ pagesHeld: 0, running: 0 })
      }
      expect((await request.result).finishReason).toBe('cancelled')
      const other = engine.submit(prompt, { maxTokens: 70 })
      for await (const _ of other) break
      expect(engine.figures()).toMatchObject({ pagesHeld: 0, running: 0 })
      expect((await other.result).finishReason).toBe('cancelled')
    })
  })

  it('says how much of its prompt was known', async () => {
    await withEngine(model, state, {}, async (engine) => {
      expect((await engine.submit(prompt, { maxTokens: 30 }).result).figures.cachedTokens).toBe(0)
      expect((await engine.submit(prompt, { maxTokens: 1 }).result).figures.cachedTokens).toBe(16)
      const running = engine.submit(prompt, { maxTokens: 9 })
      for await (const _ of running) {
        expect(() => engine.forget()).toThrow('1 texts are running')
        break
      }
      engine.forget()
      expect((await engine.submit(prompt, { maxTokens: 1 }).result).figures.cachedTokens).toBe(0)
    })
  })

  it('obeys a constraint, and fails alone where nothing is allowed', async () => {
    // Two ids by turns, four tokens in all.
    const turns = (even: number, odd: number, count = 0): TokenConstraint => {
      const words = new Uint32Array(2)
      return {
        allowed() {
          words.fill(0)
          const id = count % 2 === 0 ? even : odd
          if (id >= 0) words[id >> 5] = 2 ** (id & 31)
          return words
        },
        accept: () => void count++,
        get mayEnd() {
          return count === 4
        },
        get mustEnd() {
          return count === 4
        },
        clone: () => turns(even, odd, count),
      }
    }
    await withEngine(model, state, {}, async (engine) => {
      const other = engine.submit(prompt, { maxTokens: 10 })
      const dead = engine.submit(prompt, { constraint: turns(40, -1) })
      const held = engine.samples(prompt, 2, { constraint: turns(40, 7), stop: [0] })
      for (const { result } of held) expect(await result).toMatchObject({ ids: [40, 7, 40, 7], finishReason: 'stop' })
      await expect(dead.result).rejects.toThrow('every token is forbidden')
      await expect(engine.beams(prompt, { constraint: turns(40, -1) })).rejects.toThrow('every token is forbidden')
      await expect(Array.fromAsync(dead)).rejects.toThrow('every token is forbidden')
      expect((await other.result).ids.length).toBe(10)
      const [beam] = await engine.beams(prompt, { constraint: turns(3, 4), beams: 2 })
      expect(beam).toMatchObject({ ids: [3, 4, 3, 4], finishReason: 'stop' })
    })
  })

  it('refuses what cannot be', async () => {
    await withEngine(model, state, {}, async (engine) => {
      expect(() => engine.submit([])).toThrow('at least one token')
      expect(() => engine.submit([61])).toThrow('token id 61 is not in a vocabulary of 61')
      expect(() => engine.submit(new Array(96).fill(1))).toThrow('leaves no room in the 96 tokens')
      expect(() => engine.submit([1], { maxTokens: -1 })).toThrow('maxTokens must be a whole number')
      expect(() => engine.submit([1], { topP: 2 })).toThrow('topP must be above 0')
      expect(() => engine.samples([1], 0)).toThrow('at least one')
      await expect(engine.embed(new Array(97).fill(1))).rejects.toThrow('longer than the 96 tokens')
      await expect(engine.beams([1], { beams: 2, best: 3 })).rejects.toThrow('best must be')
    })
  })

  it('fails when the engine is closed before it has ended', async () => {
    const closed = await withEngine(model, state, {}, async (engine) => {
      const requests = engine.samples(prompt, 3, { maxTokens: 70 })
      await engine.close()
      await Promise.all(requests.map(({ result }) => expect(result).rejects.toThrow('was closed')))
      return engine
    })
    expect(() => closed.submit(prompt)).toThrow('is closed')
  })
})

describe('the generator', () => {
  it('goes on over the end of the context with the newer half', async () => {
    const writer = generator(model, state)
    const options = { maxTokens: 150, temperature: 0 }
    const ids = await Array.fromAsync(writer.generate(prompt, options))
    expect(ids.length).toBe(150)
    const text = [...prompt, ...ids]
    // The first window ends with token 96, the next begin with the last 48 of what there is.
    for (const [from, to] of [
      [0, 96],
      [48, 144],
      [96, 170],
    ])
      for (const at of [Math.max(20, to - 1), to - 20])
        expect(text[at]).toBe(
          (await writer.nextLogits(text.slice(from, at))).reduce((best, x, i, all) => (x > all[best] ? i : best), 0),
        )
    const long = await Array.fromAsync(writer.generate(text, { maxTokens: 3, temperature: 0 }))
    expect(long[0]).toBe((await writer.nextLogits(text)).reduce((best, x, i, all) => (x > all[best] ? i : best), 0))
    writer.release()
  })

  it('sees weights that have changed', async () => {
    const writer = generator(model, state)
    const before = await Array.fromAsync(writer.generate(prompt, { maxTokens: 5, temperature: 0 }))
    const name = 'model.norm.weight'
    const old = await state.read(name)
    state.write(
      name,
      Float32Array.from(old, (x, i) => (i % 2 ? -x : x)),
    )
    expect(await Array.fromAsync(writer.generate(prompt, { maxTokens: 5, temperature: 0 }))).not.toEqual(before)
    state.write(name, old)
    expect(await Array.fromAsync(writer.generate(prompt, { maxTokens: 5, temperature: 0 }))).toEqual(before)
    expect([...state.places.keys()].filter((key) => key.startsWith('cache'))).toEqual([])
    writer.release()
  })
})
