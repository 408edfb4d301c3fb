import { describe, expect, it } from 'vitest'
import { NgramCounts, perplexityBands } from '../language/index.ts'
import { Draft } from './filter.ts'
import { perplexity } from './perplexity.ts'

const draft = (text: string, meta = {}) => new Draft({ id: 'a', text, source: 's', meta })
const story = (i: number) =>
  `The ${['cat', 'dog', 'bird'][i % 3]} sat on the ${['mat', 'roof'][i % 2]} and looked at me. `.repeat(1 + (i % 4))

function modelOf(unit: 'word' | 'character') {
  const counts = new NgramCounts({ unit, order: 3 })
  for (let i = 0; i < 100; i++) counts.add(story(i))
  return counts.model()
}
const model = modelOf('word')
const shuffled = 'me at looked and roof the on sat dog The'
const bands = perplexityBands(Array.from({ length: 30 }, (_, i) => model.perplexity(story(i))!))

describe('perplexity', () => {
  it('is that of the model', () => {
    const { meta } = perplexity({ model }).judge(draft(story(1))) as { meta: { perplexity: number } }
    expect(meta.perplexity).toBeCloseTo(model.perplexity(story(1))!, 2)
  })

  it('keeps bands', () => {
    const filter = perplexity({ model, bands, keep: ['head', 'middle'] })
    expect(filter.judge(draft(shuffled))).toMatchObject({ drop: 'perplexity in the tail' })
    const kept = Array.from({ length: 30 }, (_, i) => filter.judge(draft(story(i)))).filter(
      (verdict) => 'meta' in verdict!,
    )
    // Two thirds of the sample, and those that are as good as its last.
    expect(kept.length).toBeGreaterThanOrEqual(20)
    expect(perplexity({ model, bands }).judge(draft(shuffled))).toMatchObject({ meta: { perplexityBand: 'tail' } })
  })

  it('keeps limits', () => {
    const own = model.perplexity(story(1))!
    expect(perplexity({ model, most: own - 0.1 }).judge(draft(story(1)))).toMatchObject({ drop: 'perplexity too high' })
    expect(perplexity({ model, most: own + 0.1 }).judge(draft(story(1)))).toHaveProperty('meta')
    expect(perplexity({ model, least: own + 0.1 }).judge(draft(story(1)))).toMatchObject({ drop: 'perplexity too low' })
  })

  it('judges no other language, and nothing without words', () => {
    const filter = perplexity({ model, language: 'en', most: 1.01 })
    expect(filter.name).toBe('perplexity-en')
    expect(filter.judge(draft(shuffled, { language: 'kk' }))).toBeUndefined()
    expect(filter.judge(draft(shuffled))).toBeUndefined()
    expect(filter.judge(draft(shuffled, { language: 'en' }))).toHaveProperty('drop')
    expect(perplexity({ model, most: 1.01 }).judge(draft('…'))).toBeUndefined()
  })

  it('looks at a sample of long documents', () => {
    const long = story(2).repeat(5000)
    const start = process.cpuUsage().user
    const filter = perplexity({ model: modelOf('character') })
    for (let i = 0; i < 100; i++) filter.judge(draft(long))
    // Half a megabyte each: looking at all of it would take 50 ms and more.
    expect((process.cpuUsage().user - start) / 1000 / 100).toBeLessThan(10)
  })

  it('tells settings apart', () => {
    const settings = [{}, { most: 5 }, { bands }, { bands, keep: ['head'] as const }, { characters: 100 }].map(
      (options) => JSON.stringify(perplexity({ model, ...options }).settings),
    )
    const other = new NgramCounts({ unit: 'word', order: 3 })
    other.add('another model')
    settings.push(JSON.stringify(perplexity({ model: other.model() }).settings))
    expect(new Set(settings).size).toBe(settings.length)
    expect(JSON.stringify(perplexity({ model: modelOf('word') }).settings)).toBe(settings[0])
  })

  it('refuses options that make no sense', () => {
    expect(() => perplexity({ model, keep: ['head'] })).toThrow(/bands must be given/)
    expect(() => perplexity({ model, most: 0.5 })).toThrow(/most is 0.5/)
    expect(() => perplexityBands([])).toThrow(/at least one document/)
    expect(() => perplexityBands([1], { head: 0.5, middle: 0.2 })).toThrow(/ascend/)
  })
})
