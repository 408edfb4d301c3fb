import { describe, expect, it } from 'vitest'
import { outlineOf } from '../index.ts'
import { QualityTrainer } from '../language/index.ts'
import { Draft } from './filter.ts'
import { quality } from './quality.ts'

const trainer = new QualityTrainer({ bits: 12 })
for (let i = 0; i < 50; i++)
  trainer.add(`a story about ${i} cats and dogs`, true).add(`${i} buy now cheap cheap pills`, false)
const model = trainer.train()
const draft = (text: string, id = 'a', meta = {}) => new Draft({ id, text, source: 's', meta })
const good = 'a story about cats'
const bad = 'buy cheap cheap pills now'

describe('quality', () => {
  it('keeps what is at least as good as the threshold', () => {
    const filter = quality({ model, threshold: 0.5 })
    expect(filter.judge(draft(good))).toHaveProperty('meta.quality')
    expect(filter.judge(draft(bad))).toMatchObject({ drop: 'low quality' })
    expect(quality({ model, threshold: 0 }).judge(draft(bad))).toHaveProperty('meta.quality')
  })

  it('draws as a Pareto distribution does', () => {
    for (const text of [good, bad, 'pills and dogs']) {
      const filter = quality({ model, pareto: 2 })
      const draws = 4000
      const kept = Array.from({ length: draws }, (_, i) => filter.judge(draft(text, `doc:${i}`))).filter(
        (v) => 'meta' in v!,
      )
      const share = (2 - model.probability(outlineOf(text))) ** -2
      // Four standard deviations.
      expect(Math.abs(kept.length / draws - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / draws))
    }
  })

  it('draws by id and seed alone', () => {
    const which = (seed: number) =>
      Array.from({ length: 100 }, (_, i) => 'drop' in quality({ model, pareto: 2, seed }).judge(draft(bad, `${i}`))!)
    expect(which(1)).toEqual(which(1))
    expect(which(1)).not.toEqual(which(2))
  })

  it('judges no other language', () => {
    const filter = quality({ model, threshold: 0.5, language: 'en' })
    expect(filter.name).toBe('quality-en')
    expect(filter.judge(draft(bad, 'a', { language: 'kk' }))).toBeUndefined()
    expect(filter.judge(draft(bad, 'a', { language: 'en' }))).toHaveProperty('drop')
  })

  it('refuses options that make no sense', () => {
    expect(() => quality({ model })).toThrow(/either a threshold or the shape/)
    expect(() => quality({ model, threshold: 0.5, pareto: 9 })).toThrow(/either a threshold or the shape/)
    expect(() => quality({ model, threshold: 1.5 })).toThrow(/threshold is 1.5/)
    expect(() => quality({ model, pareto: 9, seed: 0.5 })).toThrow(/seed is 0.5/)
  })
})
