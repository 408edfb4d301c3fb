import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/index.ts'
import { engineOver, type InnerEngine } from '../../src/infer/engine.ts'
import type { RequestOptions } from '../../src/infer/index.ts'
import { backends, models, weightsOf, withEngine } from './engines.ts'
import { FAKE_VOCAB, fakeRunner } from './fake-runner.ts'

const LIMIT = 200

/**
 * Submits random requests of all kinds, some of which are cancelled before they run, while they do, or by who reads them. Checks
 * the books after each step.
 */
async function storm(
  engine: InnerEngine,
  { requests, seed, vocabSize, longest }: { requests: number; seed: number; vocabSize: number; longest: number },
) {
  const rng = random(seed)
  const beginnings = Array.from({ length: 5 }, () => Array.from({ length: 40 }, () => rng.integer(vocabSize)))
  const prompt = () => {
    const own = Array.from({ length: 1 + rng.integer(longest / 4) }, () => rng.integer(vocabSize))
    return rng.next() < 0.5 ? own : [...beginnings[rng.integer(5)].slice(0, 1 + rng.integer(longest / 3)), ...own]
  }
  const ended: Promise<string>[] = []
  let cancelled = 0
  for (let i = 0; i < requests; ) {
    const options: RequestOptions = {
      maxTokens: 1 + rng.integer(longest / 4),
      seed: i,
      stop: [3],
      priority: rng.integer(3),
      logprobs: rng.next() < 0.1 ? 2 : undefined,
      promptLogprobs: rng.next() < 0.1 ? 1 : undefined,
    }
    const kind = rng.next()
    if (kind < 0.06) {
      i++
      const controller = new AbortController()
      const found = engine.beams(prompt(), {
        beams: 1 + rng.integer(4),
        maxTokens: options.maxTokens,
        stop: [3],
        signal: controller.signal,
      })
      ended.push(
        found.then(
          () => 'beams',
          () => 'aborted',
        ),
      )
      if (rng.next() < 0.5) setTimeout(() => controller.abort(), rng.integer(3))
    } else if (kind < 0.1) {
      i++
      ended.push(engine.embed(prompt()).then(() => 'embedded'))
    } else {
      const samples = engine.samples(prompt(), rng.next() < 0.8 ? 1 : 1 + rng.integer(5), options)
      i += samples.length
      for (const request of samples) {
        ended.push(request.result.then(({ finishReason }) => finishReason))
        const fate = rng.next()
        if (fate < 0.1) request.cancel()
        else if (fate < 0.2) setTimeout(() => request.cancel(), rng.integer(4))
        else if (fate < 0.3) {
          const most = rng.integer(8)
          void (async () => {
            let read = 0
            for await (const _ of request) if (read++ >= most) break
          })()
        }
        if (fate < 0.3) cancelled++
      }
    }
    // Now and then as many as possible at once, now and then few.
    if (rng.next() < 0.05) await new Promise((resolve) => setTimeout(resolve, 0))
    if (rng.next() < 0.02) await Promise.all(ended.slice(-5))
    engine.scheduler.check()
  }
  const reasons = await Promise.all(ended)
  return { reasons, cancelled }
}

describe('many requests', () => {
  it('10,000 of all kinds, many of them cancelled, leave no page behind', { timeout: 120_000 }, async () => {
    for (const [seed, pages, prefixCache] of [
      [1, 60, true],
      [2, 25, true],
      [3, 25, false],
      [4, 14, true],
    ] as const) {
      let checks = 0
      const runner = fakeRunner(pages, async () => {
        if (checks++ % 4 === 0) await new Promise((resolve) => setImmediate(resolve))
      })
      const engine = engineOver(runner, {
        pages,
        limit: Math.min(LIMIT, pages * 16),
        vocabSize: FAKE_VOCAB,
        maxTexts: 9,
        chunk: 48,
        prefixCache,
      })
      const { reasons, cancelled } = await storm(engine, {
        requests: 2500,
        seed,
        vocabSize: FAKE_VOCAB,
        longest: LIMIT / 2,
      })
      engine.scheduler.check()
      const { running, waiting, pagesHeld, pagesKept, preemptions } = engine.figures()
      expect({ running, waiting, pagesHeld }).toEqual({ running: 0, waiting: 0, pagesHeld: 0 })
      expect(pagesKept > 0).toBe(prefixCache)
      expect(preemptions).toBeGreaterThan(pages < 60 ? 10 : -1)
      expect(cancelled).toBeGreaterThan(300)
      for (const reason of ['stop', 'length', 'cancelled', 'beams', 'aborted', 'embedded'])
        expect(reasons).toContain(reason)
      await engine.close()
    }
  })

  it('some hundreds on a real model', { timeout: 60_000 }, async () => {
    const backend = await backends.native()
    const state = await weightsOf(models.llama, backend)
    await withEngine(models.llama, state, { maxTexts: 9, chunk: 48, cacheTokens: 400 }, (engine) =>
      storm(engine, { requests: 300, seed: 5, vocabSize: 61, longest: 90 }),
    )
    state.release()
    await backend.close()
  })
})
