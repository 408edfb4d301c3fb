import { ConfigError } from '../../../base/index.ts'
import { pluralOf } from '../english.ts'
import type { Draw } from '../generate.ts'
import { decline, plural } from '../kazakh.ts'
import type { Language } from '../world-document.ts'
import type { TaskSource } from './sample.ts'
import { any, below, drawsOf, languagesOf, some } from './sample.ts'

export interface InContextTask {
  readonly id: string
  /** The sort of pattern: `mapping`, `plural`, `locative`, `arithmetic`, `copy`, `reverse`, `label`. */
  readonly kind: string
  readonly language: Language
  /** Examples before the question. */
  readonly shots: number
  /** Lines `input => output`, then the last input with its arrow. */
  readonly prompt: string
  readonly answer: string
}

interface Pattern {
  readonly languages: readonly Language[]
  /** Makes one rule, and gives inputs with outputs that obey it, without end. */
  readonly rule: (draw: Draw, language: Language) => () => readonly [input: string, output: string]
}

/** How many words a `mapping` joins; with k examples the last input has been seen with probability 1 − (1 − 1/n)^k. */
const mapped = 8

/** Sounds that may stand together, and that a word may end with: a Kazakh word is back or front throughout. */
const sounds = {
  en: [{ consonants: 'bdfgklmnprstv', vowels: 'aeiou', last: 'bdgklmnprt' }],
  kk: [
    { consonants: 'бғдзқлмнпрст', vowels: 'аоұы', last: 'зқлмнпрст' },
    { consonants: 'бгдзклмнпрст', vowels: 'еөүі', last: 'зклмнпрст' },
  ],
}

/** A word that no language has: consonant and vowel by turns, sometimes a consonant at the end. */
function inventedWord(draw: Draw, language: Language): string {
  const { consonants, vowels, last } = any(draw, sounds[language])
  const syllables = 2 + below(draw, 2)
  let word = ''
  for (let i = 0; i < syllables; i++) word += any(draw, [...consonants]) + any(draw, [...vowels])
  return draw() < 0.5 ? word + any(draw, [...last]) : word
}

const both: readonly Language[] = ['en', 'kk']

const patterns: Readonly<Record<string, Pattern>> = {
  // Eight invented words have a number each: only the examples tell which.
  mapping: {
    languages: both,
    rule: (draw, language) => {
      const words = new Set<string>()
      while (words.size < mapped) words.add(inventedWord(draw, language))
      const digits = some(draw, [1, 2, 3, 4, 5, 6, 7, 8, 9], mapped)
      const pairs = [...words].map((word, i) => [word, `${digits[i]}`] as const)
      return () => any(draw, pairs)
    },
  },
  plural: {
    languages: both,
    rule: (draw, language) => () => {
      const word = inventedWord(draw, language)
      return [word, language === 'en' ? pluralOf(word) : plural(word)]
    },
  },
  locative: {
    languages: ['kk'],
    rule: (draw) => () => {
      const word = inventedWord(draw, 'kk')
      return [word, decline(word, 'locative')]
    },
  },
  // Always plus, or always times, the same number.
  arithmetic: {
    languages: both,
    rule: (draw) => {
      const by = 2 + below(draw, 8)
      const isSum = draw() < 0.5
      return () => {
        const n = 1 + below(draw, 20)
        return [`${n}`, `${isSum ? n + by : n * by}`]
      }
    },
  },
  copy: {
    languages: both,
    rule: (draw, language) => () => {
      const line = [0, 1, 2].map(() => inventedWord(draw, language)).join(' ')
      return [line, line]
    },
  },
  reverse: {
    languages: both,
    rule: (draw, language) => () => {
      const words = [0, 1, 2].map(() => inventedWord(draw, language))
      return [words.join(' '), [...words].reverse().join(' ')]
    },
  },
  // Words that end in a vowel get one of two invented labels, the others the other.
  label: {
    languages: both,
    rule: (draw, language) => {
      const [open, closed] = some(draw, ['lu', 'ka', 'mo', 'ti'], 2)
      return () => {
        const word = inventedWord(draw, language)
        return [word, /[aeiouаоеіұүөы]$/.test(word) ? open : closed]
      }
    },
  },
}

/**
 * Patterns that are shown by examples and then asked for: what is to be done is nowhere else, so answers get better with
 * more shots where a model learns in its context.
 *
 * @throws ConfigError for shots out of 0 to 256
 */
export function inContext(
  source: TaskSource,
  seed: number,
  { count, language, shots = 8 }: { readonly count: number; readonly language?: Language; readonly shots?: number },
): InContextTask[] {
  if (!Number.isInteger(shots) || shots < 0 || shots > 256)
    throw new ConfigError(`evaluation: shots must be a whole number from 0 to 256, got ${shots}`)
  const cases = languagesOf(language).flatMap((each) =>
    Object.entries(patterns).flatMap(([kind, pattern]) =>
      pattern.languages.includes(each) ? [{ kind, pattern, language: each }] : [],
    ),
  )
  return Array.from({ length: count }, (_, i) => {
    const { kind, pattern, language: spoken } = cases[i % cases.length]
    const draw = drawsOf(source, seed, 'context', i)
    const next = pattern.rule(draw, spoken)
    // The question is drawn before the examples, so that it stays the same with any number of shots.
    const [asked, answer] = next()
    const lines = Array.from({ length: shots }, () => next().join(' => '))
    const prompt = [...lines, `${asked} =>`].join('\n')
    return { id: `context-${seed}-${i}`, kind, language: spoken, shots, prompt, answer }
  })
}
