import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../base/index.ts'
import { disharmony } from '../kazakh.ts'
import { world } from '../world.ts'
import type { EvaluationTasks } from './evaluation.ts'

const mixed = world({
  genres: ['short', 'instructions'],
  families: 2,
  heldOut: { facts: 0.08, templates: 0.1 },
})
const kinds: readonly (keyof EvaluationTasks)[] = ['multiple-choice', 'generation', 'in-context', 'recall']

describe.each(kinds)('%s', (kind) => {
  it('is the same for the same seed, another for another, in both languages', () => {
    const set = mixed.evaluation(kind, { count: 40, seed: 3 })
    expect(mixed.evaluation(kind, { count: 40, seed: 3 })).toEqual(set)
    expect(mixed.evaluation(kind, { count: 40, seed: 4 })).not.toEqual(set)
    expect(new Set(set.map(({ id }) => id)).size).toBe(40)
    for (const language of ['en', 'kk'] as const) {
      expect(mixed.evaluation(kind, { count: 20, language }).every((task) => task.language === language)).toBe(true)
    }
  })
})

describe('multiple choice', () => {
  const set = mixed.evaluation('multiple-choice', { count: 400 })

  it('has four different options, one right, at every place equally often', () => {
    const places = [0, 0, 0, 0]
    for (const { options, right, answer, prompt, question } of set) {
      expect(new Set(options).size).toBe(4)
      expect('ABCD'[right]).toBe(answer)
      expect(prompt).toContain(`\n${answer}. ${options[right]}\n`)
      places[right]++
      // What is right in words names the right option, in some form of its word, and none of the wrong ones.
      const told = mixed.answer(question)!.answers.join(' ').toLowerCase()
      const isNumber = /^[\d:]+$/.test(options[right])
      expect(told, question).toContain(isNumber ? options[right] : options[right].toLowerCase().slice(0, -1))
    }
    expect(places).toEqual([100, 100, 100, 100])
  })

  it('holds only what is (not) held out when asked to', () => {
    expect(mixed.evaluation('multiple-choice', { heldOut: true }).every(({ heldOut }) => heldOut)).toBe(true)
    expect(mixed.evaluation('generation', { heldOut: false }).some(({ heldOut }) => heldOut)).toBe(false)
  })
})

describe('generation', () => {
  it('is judged right for its own answers, and wrong for those of others', () => {
    const set = mixed.evaluation('generation', { count: 300 })
    for (const { question, answers, answer } of set) {
      expect(mixed.isRight(question, ` ${answer}`)).toBe(true)
      expect(answers).toContain(answer)
      expect(mixed.isRight(question, 'I do not know.')).toBe(false)
    }
  })

  it('takes capitals for right only where they were asked for', () => {
    const [task] = mixed.questions({ language: 'en' }).filter(({ kind }) => kind === 'capitals')
    expect(mixed.isRight(task.question, task.answer)).toBe(true)
    expect(mixed.isRight(task.question, task.answer.toLowerCase())).toBe(false)
  })

  it('asks every kind about equally often', () => {
    const counts = new Map<string, number>()
    for (const { kind } of mixed.evaluation('generation', { count: 500 })) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(16)
    expect(counts.size).toBeGreaterThan(50)
  })
})

describe('in context', () => {
  it('shows as many examples as asked for, and the same question with any number of them', () => {
    const [none, many] = [0, 12].map((shots) => mixed.evaluation('in-context', { count: 26, shots }))
    for (const [i, task] of many.entries()) {
      const lines = task.prompt.split('\n')
      expect(lines).toHaveLength(13)
      for (const line of lines.slice(0, -1)) expect(line).toMatch(/^\S.* => \S.*$/)
      expect(lines[12]).toBe(none[i].prompt)
      expect(task.answer).toBe(none[i].answer)
    }
  })

  it('can be learned from its examples: a solver by table gets better with shots, as 1 − (1 − 1/8)^k', () => {
    const count = 13 * 120
    for (const shots of [1, 4, 16]) {
      const tasks = mixed.evaluation('in-context', { count, shots }).filter(({ kind }) => kind === 'mapping')
      const right = tasks.filter(({ prompt, answer }) => {
        const lines = prompt.split('\n')
        return lines.slice(0, -1).includes(`${lines.at(-1)} ${answer}`)
      })
      const exact = 1 - (7 / 8) ** shots
      expect(Math.abs(right.length / tasks.length - exact)).toBeLessThan(
        4 * Math.sqrt((exact * (1 - exact)) / tasks.length),
      )
    }
  })

  it('keeps one rule within a task', () => {
    for (const { kind, prompt, answer } of mixed.evaluation('in-context', { count: 130, shots: 6 })) {
      const pairs = `${prompt} ${answer}`.split('\n').map((line) => line.split(' => '))
      if (kind === 'reverse') for (const [a, b] of pairs) expect(b.split(' ').reverse().join(' ')).toBe(a)
      if (kind === 'copy') for (const [a, b] of pairs) expect(b).toBe(a)
      if (kind === 'label') expect(new Set(pairs.map(([, b]) => b)).size).toBeLessThanOrEqual(2)
      if (kind !== 'arithmetic') continue
      const [sums, ratios] = [pairs.map(([a, b]) => +b - +a), pairs.map(([a, b]) => +b / +a)]
      expect(Math.min(new Set(sums).size, new Set(ratios).size)).toBe(1)
    }
  })
})

describe('recall', () => {
  it('plants one answer at the depth and in the length asked for', () => {
    for (const depth of [0, 0.5, 1]) {
      for (const { prompt, answer, at, bytes, kind } of mixed.evaluation('recall', { count: 12, bytes: 6000, depth })) {
        const encoded = Buffer.from(prompt)
        expect(encoded.length).toBe(bytes)
        expect(bytes).toBeLessThanOrEqual(6000)
        expect(bytes).toBeGreaterThan(6000 - 400) // within the longest story
        expect(encoded.subarray(at).toString().split('\n')[0]).toContain(answer)
        expect(prompt.split(answer)).toHaveLength(2)
        // Up to one story before it, and three needles of others that lie anywhere.
        expect(Math.abs(at / bytes - depth)).toBeLessThan((400 + (kind === 'needles' ? 3 * 80 : 80)) / 6000)
      }
    }
  })

  it('tells a last value after the first one', () => {
    const last = mixed.evaluation('recall', { count: 60, bytes: 2000 }).filter(({ kind }) => kind === 'last')
    expect(last).toHaveLength(20)
    for (const { prompt, answer } of last) {
      const numbers = [...prompt.matchAll(/(?:secret number of \w+ is|құпия саны —) (\d{4})/g)].map(([, code]) => code)
      expect(numbers).toHaveLength(2)
      expect(numbers[1]).toBe(answer)
    }
  })
})

describe('preferences', () => {
  const pairs = mixed.preferences({ count: 500 })

  it('prefer the answer of the world to a reply with one known defect, each as often', () => {
    const counts: Record<string, number> = {}
    for (const { prompt, chosen, rejected, meta } of pairs) {
      const question = prompt.slice(prompt.indexOf(': ') + 2, prompt.lastIndexOf('\n'))
      expect(mixed.isRight(question, chosen), prompt).toBe(true)
      expect(mixed.isRight(question, rejected), `${prompt} ${rejected}`).toBe(false)
      expect(meta.heldOut).toBe(false)
      counts[meta.defect] = (counts[meta.defect] ?? 0) + 1
    }
    expect(Object.values(counts)).toEqual([100, 100, 100, 100, 100])
  })

  it('show the defect that they are labelled with', () => {
    for (const { chosen, rejected, meta } of pairs) {
      const isKazakh = /[а-яәғқңөұүһі]/i.test(rejected)
      if (meta.defect === 'wrong-language') expect(isKazakh, rejected).toBe(meta.language === 'en')
      if (meta.defect === 'rambling') expect(rejected.startsWith(chosen)).toBe(true)
      if (meta.defect !== 'ungrammatical') continue
      const [right, wrong] = [chosen, rejected].map((text) => text.split(/[\s.,:]+/))
      const changed = right.filter((word, i) => word !== wrong[i])
      expect(changed).toHaveLength(1)
      if (meta.language === 'kk') expect(wrong).toContain(disharmony(changed[0]))
    }
  })

  it('name another owner for the same animal', () => {
    const wrong = mixed.preferences({ count: 400, defects: ['wrong-fact'], language: 'en' })
    const owners = wrong.filter(({ meta }) => meta.kind === 'owner')
    expect(owners.length).toBeGreaterThan(3)
    for (const { chosen, rejected } of owners) {
      expect(/the (\w+ \w+)/i.exec(rejected)![1]).toBe(/the (\w+ \w+)/i.exec(chosen)![1])
    }
  })
})

it('refuses what it does not know', () => {
  expect(() => mixed.evaluation('poems' as never)).toThrow('kinds are multiple-choice, generation')
  expect(() => mixed.evaluation('recall', { bytes: 10 })).toThrow('from 256')
  expect(() => mixed.evaluation('recall', { depth: 2 })).toThrow('depth must be from 0')
  expect(() => mixed.evaluation('in-context', { shots: -1 })).toThrow(ConfigError)
  expect(() => mixed.evaluation('generation', { count: 1.5 })).toThrow('count must be a whole number')
  expect(() => mixed.preferences({ defects: ['boring' as never] })).toThrow('defects are wrong-fact')
})
