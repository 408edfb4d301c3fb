import { templateKey } from './ask.ts'
import type { Entity } from './entity.ts'
import type { Choice, Grammar, Say } from './grammar.ts'
import { type Hidden, isInferable } from './held-out.ts'
import type { Environment } from './template.ts'

/** A question or an instruction that has one true answer in a world. */
export interface Question {
  /** The kind of document that asks it: `home`, `kin`, `sum`… */
  readonly kind: string
  readonly question: string
  /** The answer as documents give it to this question. */
  readonly answer: string
  /** Every wording of the answer that is right; holds `answer`. */
  readonly answers: readonly string[]
  readonly language: 'en' | 'kk'
  /** True when no document of any series asks this question: to answer it takes the fact from elsewhere. */
  readonly heldOut: boolean
  /**
   * What is held out: the fact, which no document tells at all; the wording, which no document uses for any fact; or
   * this wording for this fact.
   */
  readonly heldOutBy?: 'fact' | 'template' | 'phrasing'
  /** Of a held-out fact: whether it follows from what documents tell, such as where the wife of somebody lives. */
  readonly inferable?: boolean
  /** What to give a model so that it answers: the beginning of a document, up to where the answer starts. */
  readonly prompt: string
}

/** A question with what it was made of. */
export interface Interviewed {
  readonly question: Question
  readonly environment: Environment
  readonly asks: Choice
  readonly phrasing: { readonly question: Say; readonly answer: Say }
}

/**
 * What to give a model so that it answers: the beginning of a question document, up to where its answer starts.
 * A question with a Kazakh letter is put in Kazakh.
 *
 * @example promptFor('Who are you?') === 'Question: Who are you?\nAnswer:'
 */
export function promptFor(question: string): string {
  const asked = question.trim()
  return /\p{Script=Cyrillic}/u.test(asked) ? `Сұрақ: ${asked}\nЖауап:` : `Question: ${asked}\nAnswer:`
}

/** Every question of the kinds of document, held out or not, once. */
export function interview(
  kinds: readonly (readonly [kind: string, body: Grammar])[],
  world: Entity,
): readonly Interviewed[] {
  const found = new Map<string, Interviewed>()

  function visit(kind: string, node: Grammar, environment: Environment, hidden?: Hidden): void {
    switch (node.kind) {
      case 'say':
        return
      case 'sequence':
      case 'shuffled':
        for (const part of node.parts) visit(kind, part, environment, hidden)
        return
      case 'pick': {
        if (!holdsQuestions(node.body)) return
        for (const item of node.everyone(environment)) {
          visit(kind, node.body, { ...environment, [node.slot]: item }, hidden ?? node.hiddenBy(item))
        }
        return
      }
      case 'given':
        visit(kind, node.body, { ...environment, [node.slot]: node.value(environment) }, hidden)
        return
      case 'choice': {
        if (node.asked) meet(kind, node, environment, hidden)
        else for (const option of node.options) visit(kind, option, environment, hidden)
      }
    }
  }

  function meet(kind: string, asks: Choice, environment: Environment, hidden?: Hidden): void {
    const { phrasings, marks } = asks.asked!
    const language = environment.lang.id as 'en' | 'kk'
    const probabilities = asks.probabilities(environment)
    const answers = [...new Set(phrasings.map(({ answer }) => answer[language].render(environment)))]
    const [before, after] = marks[language]
    phrasings.forEach((phrasing, i) => {
      const question = phrasing.question[language].render(environment)
      const answer = phrasing.answer[language].render(environment)
      const prompt = `${before}${question}\n${after.trimEnd()}`
      const known = { kind, question, answer, answers, language, prompt }
      const heldOut = hidden !== undefined || probabilities[i] === 0
      const isUnused = heldOut && world.hides?.has(templateKey(asks.asked!, i, language))
      const heldOutBy = hidden ? 'fact' : isUnused ? 'template' : 'phrasing'
      const inferable = hidden && { inferable: isInferable(hidden, world.has.people) }
      const judged = heldOut ? { ...known, heldOut, heldOutBy, ...inferable } : { ...known, heldOut }
      found.set(prompt, { question: judged as Question, environment, asks, phrasing })
    })
  }

  for (const lang of world.has.languages) for (const [kind, body] of kinds) visit(kind, body, { world, lang })
  return [...found.values()]
}

function holdsQuestions(node: Grammar): boolean {
  switch (node.kind) {
    case 'say':
      return false
    case 'sequence':
    case 'shuffled':
      return node.parts.some(holdsQuestions)
    case 'choice':
      return node.asked !== undefined || node.options.some(holdsQuestions)
    default:
      return holdsQuestions(node.body)
  }
}

/** A text without its differences of case, spacing and final mark. */
export function normalize(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[ .?!]+$/, '')
}

/** The answer in a reply: its first line that is not empty, without the mark of the answer. */
export function spoken(reply: string): string {
  const line = reply.trimStart().split('\n', 1)[0]
  return normalize(line.replace(/^(Answer|Жауап|Assistant|Көмекші):/, ''))
}

/**
 * Whether the first line of a reply says an answer, whatever its spacing and final mark. Case counts only where the
 * answer is in capitals throughout, since then it was asked for.
 *
 * @example
 * isSaid('Aigul likes summer.', ' aigul likes  summer!') // true
 */
export function isSaid(answer: string, reply: string): boolean {
  if (normalize(answer) !== spoken(reply)) return false
  const isCapitals = /\p{Lu}{2}/u.test(answer) && answer === answer.toUpperCase()
  return !isCapitals || reply.includes(answer)
}
