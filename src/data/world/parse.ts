import type { Entity } from './entity.ts'
import type { Derivation } from './generate.ts'
import type { Grammar } from './grammar.ts'
import type { Environment } from './template.ts'

/**
 * Every derivation of a text: none when the grammar cannot write it, one for each document (the grammar is
 * unambiguous), more when two different sets of choices would give the same text.
 *
 * The choices of a document are read back from its text in this way. Tries every choice whose text agrees so far;
 * cost: a few milliseconds per document.
 *
 * @example
 * const { grammar, root, document } = world()
 * parse(grammar, root, document(0).text).length // 1
 */
export function parse(grammar: Grammar, world: Entity, text: string): Derivation[] {
  interface Reached {
    readonly at: number
    readonly choices: readonly number[]
    readonly nats: number
  }
  type Then = (reached: Reached) => void

  const judged = new Map<Grammar, boolean>()

  /** False when the text lacks a literal that the node would have to write, whatever it picks. */
  function possible(node: Grammar, language: string | undefined): boolean {
    if (language === undefined) return true
    let verdict = judged.get(node)
    if (verdict === undefined) judged.set(node, (verdict = judge(node, language)))
    return verdict
  }

  function judge(node: Grammar, language: string): boolean {
    const able = (inner: Grammar) => possible(inner, language)
    switch (node.kind) {
      case 'say':
        return (language === 'kk' ? node.kk : node.en).literals.every((literal) => text.includes(literal))
      case 'sequence':
        return node.parts.every(able)
      case 'choice':
        return node.options.some(able)
      case 'shuffled':
        return node.parts.filter(able).length >= node.take
      default:
        return able(node.body)
    }
  }

  const decide = ({ at, choices, nats }: Reached, index: number, p: number): Reached => ({
    at,
    choices: [...choices, index],
    nats: nats - Math.log(p),
  })

  function read(node: Grammar, environment: Environment, from: Reached, then: Then): void {
    switch (node.kind) {
      case 'say': {
        const said = (environment.lang.id === 'kk' ? node.kk : node.en).render(environment)
        if (text.startsWith(said, from.at)) then({ ...from, at: from.at + said.length })
        break
      }
      case 'sequence':
        readAll(node.parts, environment, from, then)
        break
      case 'choice':
        node.probabilities(environment).forEach((p, i) => {
          if (p > 0 && possible(node.options[i], environment.lang?.id))
            read(node.options[i], environment, decide(from, i, p), then)
        })
        break
      case 'pick': {
        const domain = node.domain(environment)
        const bound: Record<string, Entity> = { ...environment }
        domain.forEach((item, i) => {
          bound[node.slot] = item
          if (node.slot === 'lang') judged.clear()
          read(node.body, bound, decide(from, i, 1 / domain.length), then)
        })
        break
      }
      case 'given':
        read(node.body, { ...environment, [node.slot]: node.value(environment) }, from, then)
        break
      case 'shuffled':
        readSome(node.parts, node.take, environment, from, then)
    }
  }

  function readAll(parts: readonly Grammar[], environment: Environment, from: Reached, then: Then): void {
    if (parts.length === 0) then(from)
    else read(parts[0], environment, from, (reached) => readAll(parts.slice(1), environment, reached, then))
  }

  function readSome(
    parts: readonly Grammar[],
    take: number,
    environment: Environment,
    from: Reached,
    then: Then,
  ): void {
    if (take === 0) then(from)
    if (take > 0)
      parts.forEach((part, i) => {
        const rest = parts.filter((other) => other !== part)
        read(part, environment, decide(from, i, 1 / parts.length), (reached) =>
          readSome(rest, take - 1, environment, reached, then),
        )
      })
  }

  const found: Derivation[] = []
  read(grammar, { world }, { at: 0, choices: [], nats: 0 }, ({ at, choices, nats }) => {
    if (at === text.length) found.push({ text, choices, surprisalNats: nats })
  })
  return found
}
