import type { Entity } from './entity.ts'
import type { Grammar } from './grammar.ts'
import type { Environment } from './template.ts'

/** Expectations over the documents of a grammar, exact up to rounding. */
export interface Expectation {
  /** Entropy of one document. */
  readonly nats: number
  /** Expected length in Unicode code points. */
  readonly characters: number
  /** Expected length in UTF-8 bytes. */
  readonly bytes: number
}

/**
 * Entropy and expected length of a grammar by dynamic programming, without sampling.
 *
 * The entropy of a text equals the entropy of the choices behind it as long as each text has one derivation, which
 * parse.ts checks. By the chain rule it is then a sum over nodes: a choice adds the entropy of its law and the mean
 * of its options, a pick adds ln of the number of entities and the mean of its body over them. What a node
 * contributes depends only on its free slots, so it is computed once for each value of these.
 *
 * Cost: the number of nodes times the values of their free slots; about half a second for the default world.
 */
export function expectation(grammar: Grammar, world: Entity): Expectation {
  const known = new Map<Grammar, Map<string, Expectation>>()

  function of(node: Grammar, environment: Environment): Expectation {
    let table = known.get(node)
    if (!table) known.set(node, (table = new Map()))
    let key = ''
    for (const slot of node.free) if (slot !== 'world') key += environment[slot].id + '|'
    let value = table.get(key)
    if (!value) table.set(key, (value = compute(node, environment)))
    return value
  }

  function compute(node: Grammar, environment: Environment): Expectation {
    const total = { nats: 0, characters: 0, bytes: 0 }
    const add = (weight: number, part: Expectation) => {
      total.nats += weight * part.nats
      total.characters += weight * part.characters
      total.bytes += weight * part.bytes
    }
    switch (node.kind) {
      case 'say': {
        const text = (environment.lang.id === 'kk' ? node.kk : node.en).render(environment)
        return { nats: 0, characters: [...text].length, bytes: new TextEncoder().encode(text).length }
      }
      case 'sequence':
        for (const part of node.parts) add(1, of(part, environment))
        return total
      case 'choice':
        node.probabilities(environment).forEach((p, i) => {
          if (p === 0) return
          total.nats -= p * Math.log(p)
          add(p, of(node.options[i], environment))
        })
        return total
      case 'pick': {
        const domain = node.domain(environment)
        total.nats += Math.log(domain.length)
        for (const item of domain) add(1 / domain.length, of(node.body, { ...environment, [node.slot]: item }))
        return total
      }
      case 'given':
        return of(node.body, { ...environment, [node.slot]: node.value(environment) })
      case 'shuffled':
        for (let i = 0; i < node.take; i++) total.nats += Math.log(node.parts.length - i)
        for (const part of node.parts) add(node.take / node.parts.length, of(part, environment))
        return total
    }
  }

  return of(grammar, { world })
}
