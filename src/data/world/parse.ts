import type { Entity } from './entity.ts'
import type { Derivation } from './generate.ts'
import type { Grammar } from './grammar.ts'
import type { Environment } from './template.ts'

/**
 * Every derivation of a text: none when the grammar cannot write it, one for each document (the grammar is
 * unambiguous), more when two different sets of choices would give the same text.
 *
 * The choices of a document are read back from its text in this way. Tries every choice whose text agrees so far;
 * cost: some milliseconds to tens of milliseconds per document.
 */
export function parse(grammar: Grammar, world: Entity, text: string): Derivation[] {
  type Reached = (at: number, choices: readonly number[], surprisalNats: number) => void

  function read(
    node: Grammar,
    environment: Environment,
    at: number,
    choices: readonly number[],
    nats: number,
    then: Reached,
  ): void {
    switch (node.kind) {
      case 'say': {
        const said = (environment.lang.id === 'kk' ? node.kk : node.en).render(environment)
        if (text.startsWith(said, at)) then(at + said.length, choices, nats)
        return
      }
      case 'sequence':
        return readAll(node.parts, environment, at, choices, nats, then)
      case 'choice':
        return node.probabilities(environment).forEach((p, i) => {
          if (p > 0) read(node.options[i], environment, at, [...choices, i], nats - Math.log(p), then)
        })
      case 'pick': {
        const domain = node.domain(environment)
        const bound: Record<string, Entity> = { ...environment }
        return domain.forEach((item, i) => {
          bound[node.slot] = item
          read(node.body, bound, at, [...choices, i], nats + Math.log(domain.length), then)
        })
      }
      case 'given':
        return read(node.body, { ...environment, [node.slot]: node.value(environment) }, at, choices, nats, then)
      case 'shuffled':
        return readSome(node.parts, node.take, environment, at, choices, nats, then)
    }
  }

  function readAll(
    parts: readonly Grammar[],
    environment: Environment,
    at: number,
    choices: readonly number[],
    nats: number,
    then: Reached,
  ): void {
    if (parts.length === 0) return then(at, choices, nats)
    read(parts[0], environment, at, choices, nats, (...reached) =>
      readAll(parts.slice(1), environment, ...reached, then),
    )
  }

  function readSome(
    parts: readonly Grammar[],
    take: number,
    environment: Environment,
    at: number,
    choices: readonly number[],
    nats: number,
    then: Reached,
  ): void {
    if (take === 0) return then(at, choices, nats)
    parts.forEach((part, i) => {
      const rest = parts.filter((other) => other !== part)
      read(part, environment, at, [...choices, i], nats + Math.log(parts.length), (...reached) =>
        readSome(rest, take - 1, environment, ...reached, then),
      )
    })
  }

  const found: Derivation[] = []
  read(grammar, { world }, 0, [], 0, (at, choices, surprisalNats) => {
    if (at === text.length) found.push({ text, choices, surprisalNats })
  })
  return found
}
