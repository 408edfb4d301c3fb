import type { Entity } from './entity.ts'
import type { Derivation } from './generate.ts'
import type { Grammar } from './grammar.ts'
import type { Environment } from './template.ts'

/**
 * Every derivation of a grammar, one after the other. For small grammars: their number is a product.
 *
 * @example
 * const { grammar, root } = world()
 * const [first] = enumerate(grammar, root)
 * first.choices[0] // 0
 */
export function* enumerate(grammar: Grammar, world: Entity): Generator<Derivation> {
  yield* all(grammar, { world })
}

const nothing: Derivation = { text: '', choices: [], surprisalNats: 0 }

function join(a: Derivation, b: Derivation): Derivation {
  const choices = [...a.choices, ...b.choices]
  return { text: a.text + b.text, choices, surprisalNats: a.surprisalNats + b.surprisalNats }
}

const took = (index: number, probability: number): Derivation => ({
  text: '',
  choices: [index],
  surprisalNats: -Math.log(probability),
})

function* all(node: Grammar, environment: Environment): Generator<Derivation> {
  switch (node.kind) {
    case 'say':
      yield { ...nothing, text: (environment.lang.id === 'kk' ? node.kk : node.en).render(environment) }
      return
    case 'sequence':
      yield* product(node.parts, environment)
      return
    case 'choice':
      for (const [i, p] of node.probabilities(environment).entries()) {
        if (p > 0) for (const rest of all(node.options[i], environment)) yield join(took(i, p), rest)
      }
      return
    case 'pick': {
      const domain = node.domain(environment)
      for (const [i, item] of domain.entries()) {
        for (const rest of all(node.body, { ...environment, [node.slot]: item })) {
          yield join(took(i, 1 / domain.length), rest)
        }
      }
      return
    }
    case 'given':
      yield* all(node.body, { ...environment, [node.slot]: node.value(environment) })
      return
    case 'shuffled':
      yield* arrangements(node.parts, node.take, environment)
  }
}

function* product(parts: readonly Grammar[], environment: Environment): Generator<Derivation> {
  if (parts.length === 0) return yield nothing
  for (const first of all(parts[0], environment)) {
    for (const rest of product(parts.slice(1), environment)) yield join(first, rest)
  }
}

function* arrangements(parts: readonly Grammar[], take: number, environment: Environment): Generator<Derivation> {
  if (take === 0) return yield nothing
  for (const [i, part] of parts.entries()) {
    const others = parts.filter((other) => other !== part)
    for (const first of all(part, environment)) {
      for (const rest of arrangements(others, take - 1, environment)) {
        yield join(join(took(i, 1 / parts.length), first), rest)
      }
    }
  }
}
