import { ConfigError } from '../../../base/index.ts'
import type { Draw } from '../generate.ts'
import type { Interviewed } from '../interview.ts'
import { disharmony } from '../kazakh.ts'
import type { Language } from '../world-document.ts'
import { checkSet } from './evaluation.ts'
import { answerWith, namedBy } from './named.ts'
import type { About, TaskSource } from './sample.ts'
import { about, any, drawsOf, questionsInTurn, some } from './sample.ts'

/** Two replies to a prompt, the first better; the usual shape of preference data, and what is wrong with the second. */
export interface PreferencePair {
  readonly prompt: string
  readonly chosen: string
  readonly rejected: string
  readonly meta: About & { readonly id: string; readonly defect: Defect }
}

/** `ungrammatical` is a broken ending in Kazakh (vowel harmony), a verb that disagrees in English. */
export type Defect = 'wrong-fact' | 'wrong-language' | 'no-answer' | 'rambling' | 'ungrammatical'

export interface PairOptions {
  /** How many pairs, at most; default 100. */
  readonly count?: number
  /** Which set; default 0. */
  readonly seed?: number
  readonly language?: Language
  /** Only questions that documents never ask; default those that they ask, so that pairs can be trained on. */
  readonly heldOut?: boolean
  /** Which defects, in turn; default all. */
  readonly defects?: readonly Defect[]
}

interface Context {
  readonly source: TaskSource
  readonly draw: Draw
}

/** The worse reply, or undefined when the defect cannot be shown on this question. */
const worse: Readonly<Record<Defect, (each: Interviewed, context: Context) => string | undefined>> = {
  'wrong-fact'(each, { draw }) {
    const named = namedBy(each)
    return named && named.others.length > 0 ? answerWith(each, any(draw, named.others)) : undefined
  },

  'wrong-language'({ question, phrasing, environment, asks }, { source }) {
    if (asks.asked?.marks.en[0] === 'User: ') return undefined // an instruction may ask for the other language
    const other = question.language === 'en' ? 'kk' : 'en'
    const lang = source.root.has.languages.find(({ id }) => id === other)!
    return phrasing.answer[other].render({ ...environment, lang })
  },

  'no-answer'({ question }, { draw }) {
    const evasions = {
      en: ['I do not know.', 'That is a good question.', `You ask: ${question.question}`],
      kk: ['Мен білмеймін.', 'Бұл — жақсы сұрақ.', `Сіз сұрадыңыз: ${question.question}`],
    }
    return any(draw, evasions[question.language])
  },

  rambling({ question }, { source, draw }) {
    const { language, answer } = question
    const known = source.root.has.people.filter((x) => !x.hides?.has('age'))
    const facts = some(draw, known, 3).map((x) =>
      language === 'en' ? `${x.en} is ${x.is.age.en} years old.` : `${x.kk} ${x.is.age.kk} жаста.`,
    )
    return [answer, ...facts].join(' ')
  },

  ungrammatical(each, { source }) {
    return each.question.language === 'en' ? disagreeing(each.question.answer) : broken(each.question.answer, source)
  },
}

const verbs: readonly (readonly [RegExp, string])[] = [
  [/ lives /, ' live '],
  [/ is /, ' are '],
  [/ has /, ' have '],
  [/ likes /, ' like '],
  [/ costs /, ' cost '],
  [/ was /, ' were '],
  [/ comes /, ' come '],
]

function disagreeing(answer: string): string | undefined {
  for (const [right, wrong] of verbs) if (right.test(answer)) return answer.replace(right, wrong)
  return undefined
}

/** The last word whose ending obeys harmony, with the vowels of the other one. Names in their bare form have no ending. */
function broken(answer: string, { root }: TaskSource): string | undefined {
  const bare = new Set([...root.has.people, ...root.has.villages].map(({ kk }) => kk))
  const words = answer.split(/([\s.,:—]+)/)
  for (let i = words.length - 1; i >= 0; i--) {
    const wrong = bare.has(words[i]) ? undefined : disharmony(words[i])
    if (wrong === undefined) continue
    words[i] = wrong
    return words.join('')
  }
  return undefined
}

const all = Object.keys(worse) as Defect[]

/**
 * Pairs for reward models and preference losses. The better reply is the answer of the world; the worse one has exactly
 * one known defect. Questions come from each kind in turn, defects too.
 *
 * @throws ConfigError for an unknown defect, and when count or seed are no whole numbers from 0 on
 */
export function preferences(source: TaskSource, options: PairOptions): readonly PreferencePair[] {
  const { count = 100, seed = 0, defects = all, heldOut = false, language } = options
  checkSet(count, seed)
  for (const defect of defects) {
    if (!all.includes(defect)) throw new ConfigError(`preferences: defects are ${all.join(', ')}; got ${defect}`)
  }
  if (defects.length === 0) throw new ConfigError(`preferences: no defect is left; there are ${all.join(', ')}`)
  const questions = questionsInTurn(drawsOf(source, seed, 'preference', 0), source.asked(), {
    count: Infinity,
    heldOut,
    language,
  })
  const used = new Set<Interviewed>()
  const next = new Map(defects.map((defect) => [defect, 0]))
  const pairs: PreferencePair[] = []
  // Each defect in turn takes the next question that can show it, until none of them finds one.
  while (pairs.length < count && next.size > 0) {
    for (const [defect, from] of next) {
      if (pairs.length === count) break
      const draw = drawsOf(source, seed, 'preference', 1 + pairs.length)
      let at = from
      let pair: PreferencePair | undefined
      for (; at < questions.length && !pair; at++) {
        if (!used.has(questions[at]))
          pair = pairOf(questions[at], defect, `preference-${seed}-${pairs.length}`, { source, draw })
      }
      if (!pair) next.delete(defect)
      else {
        next.set(defect, at)
        used.add(questions[at - 1])
        pairs.push(pair)
      }
    }
  }
  return pairs
}

function pairOf(each: Interviewed, defect: Defect, id: string, context: Context): PreferencePair | undefined {
  const { answer, answers, prompt } = each.question
  const rejected = worse[defect](each, context)
  if (rejected === undefined || answers.includes(rejected)) return undefined
  return { prompt, chosen: answer, rejected, meta: { id, defect, ...about(each.question) } }
}
