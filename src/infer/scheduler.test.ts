import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prefixCache } from './prefix-cache.ts'
import { type Scheduler, type SchedulerOptions, type Step, scheduler } from './scheduler.ts'
import { append, newText, type Text } from './text.ts'

function schedulerOf(pages: number, options: Partial<SchedulerOptions> = {}, remembers = false): Scheduler {
  return scheduler(prefixCache(pages, remembers), { maxTexts: 4, chunk: 32, ...options })
}

let nextId = 0
/** A prompt like no other. */
const prompt = (length: number) => Array.from({ length }, () => nextId++)
const textOf = (length: number, priority = 0) => newText(prompt(length), { priority })

/** Plays the model: each text that has come to its end gets a token, and ends after so many. */
function play(plans: Scheduler, drawn: Map<Text, number>, most: (text: Text) => number): Step | undefined {
  const step = plans.plan()
  if (step === undefined) return undefined
  plans.done(step)
  for (const [i, text] of step.texts.entries()) {
    if (step.answered[i] === 0) continue
    drawn.set(text, (drawn.get(text) ?? 0) + 1)
    if (drawn.get(text)! >= most(text)) plans.end(text)
    else append(text, 0)
  }
  plans.check()
  return step
}

describe('the scheduler', () => {
  it('serves within a priority who comes first first', () => {
    const plans = schedulerOf(100, { maxTexts: 1 })
    const texts = [5, 50, 3, 20].map((length) => textOf(length))
    for (const text of texts) plans.add(text)
    const drawn = new Map<Text, number>()
    while (play(plans, drawn, () => 3));
    expect([...drawn.keys()]).toEqual(texts)
  })

  it('serves the greater priority first', () => {
    const plans = schedulerOf(100, { maxTexts: 1 })
    const texts = [0, 2, 1, 2].map((priority) => textOf(10, priority))
    for (const text of texts) plans.add(text)
    const drawn = new Map<Text, number>()
    while (play(plans, drawn, () => 3));
    expect([...drawn.keys()]).toEqual([texts[1], texts[3], texts[2], texts[0]])
  })

  it('lets nobody wait for ever: a priority more is worth so many steps', () => {
    const plans = schedulerOf(100, { maxTexts: 1, aging: 20 })
    const patient = textOf(5)
    const drawn = new Map<Text, number>()
    plans.add(textOf(5, 1))
    plans.add(patient)
    let steps = 0
    while (!drawn.has(patient)) {
      // There is always another with a greater priority.
      plans.add(textOf(5, 1))
      play(plans, drawn, () => 4)
      expect(steps++).toBeLessThan(200)
    }
    expect(steps).toBeGreaterThan(20)
  })

  it('reads prompts in chunks, while everybody who decodes gets a row in each step', () => {
    const plans = schedulerOf(100, { chunk: 10 })
    const writers = [textOf(3), textOf(3)]
    for (const text of writers) plans.add(text)
    const drawn = new Map<Text, number>()
    play(plans, drawn, () => 100)
    const long = textOf(35)
    plans.add(long)
    const counts: number[] = []
    while (!drawn.has(long)) {
      const step = play(plans, drawn, () => 100)!
      expect(step.texts.slice(0, 2)).toEqual(writers)
      expect(step.counts.slice(0, 2)).toEqual([1, 1])
      expect(step.rows).toBeLessThanOrEqual(10)
      counts.push(step.counts[2])
    }
    expect(counts).toEqual([8, 8, 8, 8, 3])
  })

  it('lets in only what finds room, and takes pages from the newest of the lowest priority', () => {
    const plans = schedulerOf(6)
    const [first, second, third] = [textOf(30, 1), textOf(30), textOf(30)]
    plans.add(first)
    plans.add(second)
    plans.add(third)
    const drawn = new Map<Text, number>()
    play(plans, drawn, () => 100)
    play(plans, drawn, () => 100)
    // Two pages each; a page more for each that runs leaves none for the third.
    expect([plans.running, plans.waiting]).toEqual([[first, second], [third]])
    while (plans.preemptions === 0) play(plans, drawn, () => 100)
    expect([plans.running, plans.waiting]).toEqual([[first], [second, third]])
    expect([second.pages, second.computed]).toEqual([[], 0])
    plans.end(first)
    play(plans, drawn, () => 100)
    expect(plans.running).toEqual([second])
  })

  it('makes room for a greater priority, not for an equal one', () => {
    const plans = schedulerOf(5, { maxTexts: 2 })
    const drawn = new Map<Text, number>()
    const low = textOf(40)
    plans.add(low)
    play(plans, drawn, () => 100)
    const equal = textOf(40)
    plans.add(equal)
    play(plans, drawn, () => 100)
    expect(plans.running).toEqual([low])
    const high = textOf(40, 1)
    plans.add(high)
    play(plans, drawn, () => 100)
    expect([plans.running, plans.waiting]).toEqual([[high], [low, equal]])
  })

  it('ends every text that it is given, with as many tokens as it wanted', () => {
    const request = fc.record({
      length: fc.integer({ min: 1, max: 60 }),
      tokens: fc.integer({ min: 1, max: 30 }),
      priority: fc.integer({ min: 0, max: 2 }),
      after: fc.nat(6),
      /** Where its prompt comes from. */
      family: fc.nat(3),
    })
    const settings = fc.record({
      pages: fc.integer({ min: 6, max: 20 }),
      maxTexts: fc.integer({ min: 1, max: 6 }),
      chunk: fc.integer({ min: 1, max: 40 }),
      remembers: fc.boolean(),
    })
    fc.assert(
      fc.property(settings, fc.array(request, { maxLength: 15 }), ({ pages, maxTexts, chunk, remembers }, requests) => {
        const plans = schedulerOf(pages, { maxTexts, chunk, aging: 8 }, remembers)
        const drawn = new Map<Text, number>()
        const most = new Map<Text, number>()
        for (const { length, tokens, priority, after, family } of requests) {
          const text = newText(
            Array.from({ length }, (_, i) => family * 100 + i),
            { priority },
          )
          most.set(text, tokens)
          plans.add(text)
          for (let i = 0; i < after; i++) play(plans, drawn, (each) => most.get(each)!)
        }
        for (let steps = 0; plans.running.length + plans.waiting.length > 0; steps++) {
          const step = play(plans, drawn, (each) => most.get(each)!)
          expect(step).toBeDefined()
          expect(new Set(step!.texts).size).toBe(step!.texts.length)
          expect(step!.texts.length).toBeLessThanOrEqual(maxTexts)
          expect(steps).toBeLessThan(20_000)
        }
        for (const [text, tokens] of most) expect(drawn.get(text)).toBe(tokens)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses what has never room, and settings that are none', () => {
    expect(() => schedulerOf(2).add(textOf(33))).toThrow('a text of 33 tokens has no room in a cache of 32')
    expect(() => schedulerOf(2, { chunk: 0 })).toThrow('chunk must be a whole number of 1 or more, got 0')
  })
})
