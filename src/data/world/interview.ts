import type { Entity } from './entity.ts'
import type { Grammar } from './grammar.ts'
import type { Environment } from './template.ts'

/** A question that has one true answer in a world. */
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
): readonly Question[] {
  const found = new Map<string, Question>()

  function visit(kind: string, node: Grammar, environment: Environment): void {
    switch (node.kind) {
      case 'say':
        return
      case 'sequence':
      case 'shuffled':
        for (const part of node.parts) visit(kind, part, environment)
        return
      case 'pick':
        if (!holdsQuestions(node.body)) return
        for (const item of node.domain(environment)) visit(kind, node.body, { ...environment, [node.slot]: item })
        return
      case 'given':
        visit(kind, node.body, { ...environment, [node.slot]: node.value(environment) })
        return
      case 'choice': {
        if (!node.asks) {
          for (const option of node.options) visit(kind, option, environment)
          return
        }
        const language = environment.lang.id as 'en' | 'kk'
        const probabilities = node.probabilities(environment)
        const answers = [...new Set(node.asks.map(({ answer }) => answer[language].render(environment)))]
        node.asks.forEach(({ question, answer }, i) => {
          const asked = question[language].render(environment)
          const told = answer[language].render(environment)
          found.set(language + asked, {
            kind,
            question: asked,
            answer: told,
            answers,
            language,
            heldOut: probabilities[i] === 0,
          })
        })
      }
    }
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
      return node.asks !== undefined || node.options.some(holdsQuestions)
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
  return normalize(line.replace(/^(Answer|Жауап):/, ''))
}
