import { philox } from '../../base/index.ts'
import type { Entity } from './entity.ts'
import type { Grammar } from './grammar.ts'

/** The text of one document, what was decided on the way, and −ln of its probability. */
export interface Derivation {
  readonly text: string
  /** For each decision in order, the index of what was taken. */
  readonly choices: readonly number[]
  readonly surprisalNats: number
}

/** Uniform numbers in [0, 1) with 53 bits, from a place of their own for every document. */
export type Draw = () => number

/**
 * The randomness of document `index` of a series: any document can be made alone.
 *
 * @param purpose another number is another stream: tasks never repeat the choices of documents
 */
export function draws(worldSeed: number, series: number, index: number, purpose = 0xa11ce): Draw {
  const words = new Uint32Array(4)
  const high = Math.floor(index / 0x100000000)
  let block = 0
  let spare = false
  return () => {
    if (!spare) philox(worldSeed, series, block++, index, high, purpose, words)
    const at = spare ? 2 : 0
    spare = !spare
    return ((words[at] >>> 5) * 0x4000000 + (words[at + 1] >>> 6)) / 0x20000000000000
  }
}

/** Makes one document. Cost: a few microseconds. */
export function generate(grammar: Grammar, world: Entity, draw: Draw): Derivation {
  const environment: Record<string, Entity> = { world }
  const choices: number[] = []
  let surprisalNats = 0

  /** An index below n, each equally likely up to 2⁻⁵³. */
  function uniform(n: number): number {
    surprisalNats += Math.log(n)
    const taken = Math.floor(draw() * n)
    choices.push(taken)
    return taken
  }

  function walk(node: Grammar): string {
    switch (node.kind) {
      case 'say':
        return (environment.lang.id === 'kk' ? node.kk : node.en).render(environment)
      case 'sequence': {
        let text = ''
        for (const part of node.parts) text += walk(part)
        return text
      }
      case 'choice': {
        const probabilities = node.probabilities(environment)
        const taken = take(probabilities, draw())
        surprisalNats -= Math.log(probabilities[taken])
        choices.push(taken)
        return walk(node.options[taken])
      }
      case 'pick': {
        const domain = node.domain(environment)
        environment[node.slot] = domain[uniform(domain.length)]
        return walk(node.body)
      }
      case 'given':
        environment[node.slot] = node.value(environment)
        return walk(node.body)
      case 'shuffled': {
        const left = [...node.parts]
        let text = ''
        for (let i = 0; i < node.take; i++) text += walk(left.splice(uniform(left.length), 1)[0])
        return text
      }
    }
  }

  const text = walk(grammar)
  return { text, choices, surprisalNats }
}

/** The option in whose share of [0, 1) `u` falls; never one of probability 0, however the sums round. */
function take(probabilities: readonly number[], u: number): number {
  let rest = u
  let last = 0
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i] === 0) continue
    if (rest < probabilities[i]) return i
    rest -= probabilities[i]
    last = i
  }
  return last
}
