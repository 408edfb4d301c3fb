import { ConfigError } from '../../base/index.ts'
import type { Entity } from './entity.ts'
import { hashText, mix } from './entity.ts'
import type { Asked, Choice } from './grammar.ts'
import { say, union, without } from './grammar.ts'
import { leftOut } from './held-out.ts'
import type { Environment } from './template.ts'

/** Of all (fact, phrasing) pairs of questions, the share that is never asked in any document. */
export const heldOutShare = 0.05

const marks = {
  question: { en: ['Question: ', 'Answer: '], kk: ['Сұрақ: ', 'Жауап: '] },
  instruction: { en: ['User: ', 'Assistant: '], kk: ['Пайдаланушы: ', 'Көмекші: '] },
} as const

/** What stands before the two sides of a question, or of an instruction. */
export type Frame = keyof typeof marks

/**
 * A question and its answer, in one of several phrasings. Two lines each, English and Kazakh: question → answer.
 *
 * Held out: of the n phrasings for one fact in one language, a hash of world, fact and language leaves out at most
 * one, with probability n · {@link heldOutShare}, so every fact keeps a phrasing and the share is met on average.
 * A single phrasing is never held out. The fact is what the slots of the questions are bound to. Beside these, a
 * phrasing that the world hides (see {@link templateKey}) is used for no fact.
 *
 * @param names what the answer names and the list it is from: `x.home of villages`, `x.age of people.age`
 * @throws ConfigError when a line has no arrow or the last English line no Kazakh one
 */
export function ask(block: string, { frame = 'question', names }: { frame?: Frame; names?: string } = {}): Choice {
  const lines = block.trim().split('\n')
  const pairs = lines.map((line) => line.split('→').map((side) => side.trim()))
  if (lines.length % 2 === 1 || pairs.some((pair) => pair.length !== 2)) {
    throw new ConfigError(`ask: expected pairs of lines "question → answer", English then Kazakh, got:\n${block}`)
  }
  const told = Array.from({ length: lines.length / 2 }, (_, i) => [pairs[2 * i], pairs[2 * i + 1]])
  const phrasings = told.map(([en, kk]) => ({ question: say(en[0], kk[0]), answer: say(en[1], kk[1]) }))
  const slots = without(union(...phrasings.map(({ question }) => question.free)), 'lang')
  const [[enAsks, enTells], [kkAsks, kkTells]] = [marks[frame].en, marks[frame].kk]
  const options = told.map(([en, kk]) =>
    say(`${enAsks}${en[0]}\n${enTells}${en[1]}\n`, `${kkAsks}${kk[0]}\n${kkTells}${kk[1]}\n`),
  )
  const asked: Asked = { phrasings, marks: marks[frame], names: names === undefined ? undefined : readNames(names) }
  const count = options.length
  const key = hashText(lines[0].trim())
  const laws = new Map<number, readonly number[]>()

  /** Equal shares for the phrasings that are left; bit i of `gone` takes away phrasing i. */
  function law(gone: number): readonly number[] {
    let known = laws.get(gone)
    if (!known) {
      const kept = options.filter((_, i) => !((gone >> i) & 1)).length
      laws.set(gone, (known = options.map((_, i) => ((gone >> i) & 1 ? 0 : 1 / kept))))
    }
    return known
  }

  /** The phrasing that the world hides, by language. */
  const hidden = new Map<Entity, Map<Entity, number>>()
  function hiddenIn({ world, lang }: Environment): number {
    let known = hidden.get(world)
    if (!known) hidden.set(world, (known = new Map()))
    let index = known.get(lang)
    if (index === undefined) {
      index = phrasings.findIndex((_, i) => world.hides?.has(templateKey(asked, i, lang.id as 'en' | 'kk')))
      known.set(lang, index)
    }
    return index
  }

  function probabilities(environment: Environment): readonly number[] {
    if (count === 1) return law(0)
    let hash = mix(key ^ environment.world.hash) ^ environment.lang.hash
    for (const slot of slots) hash = mix(hash) ^ environment[slot].hash
    const left = leftOut(mix(hash), count, heldOutShare)
    const hides = environment.world.hides ? hiddenIn(environment) : -1
    if (hides < 0) return law(left < 0 ? 0 : 1 << left)
    return law((1 << hides) | (left < 0 || count === 2 ? 0 : 1 << left))
  }

  const free = union(['world', 'lang'], slots, ...options.map((option) => option.free))
  const tells = union(...options.map((option) => option.tells))
  return { kind: 'choice', free, tells, options, law: union(['world', 'lang'], slots), probabilities, asked }
}

/** The name of a phrasing in one language: its question as it is written in the table. */
export function templateKey({ phrasings, marks }: Asked, phrasing: number, language: 'en' | 'kk'): string {
  return marks[language][0] + phrasings[phrasing].question[language].source
}

function readNames(names: string): Asked['names'] {
  const [path, from] = names.split(' of ')
  const [list, fact] = from.split('.')
  return { path, list, fact }
}
