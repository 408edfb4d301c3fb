import type { CodePoints } from './code-points.ts'
import type { Node, Repeat } from './syntax.ts'

/** For each letter of the alphabet, and the end of the text last, whether it may come next: `[size + 1]`. */
export type Row = Uint8Array

/** What is known about how a match goes on behind a part of the pattern. */
export interface Rest {
  readonly row: Row
  /** It never fails, so what came before is never tried another way. */
  readonly sure: boolean
}

export const either = (a: Row, b: Row): Row => a.map((has, i) => has | b[i])
export const both = (a: Row, b: Row): Row => a.map((has, i) => has & b[i])
export const neither = (a: Row): Row => a.map((has) => has ^ 1)
export const disjoint = (a: Row, b: Row): boolean => !a.some((has, i) => has & b[i])

/** What may come next where `node` and then the rest is to match; at least everything that can lead to a match. */
export function expected(node: Node, rest: Row, rowOf: (set: CodePoints) => Row): Row {
  switch (node.kind) {
    case 'set':
      return rowOf(node.set)
    case 'sequence':
      return node.parts.reduceRight((row, part) => expected(part, row, rowOf), rest)
    case 'choice':
      return node.options.map((option) => expected(option, rest, rowOf)).reduce(either)
    case 'repeat': {
      if (node.max === 0) return rest
      const body = expected(node.body, rest, rowOf)
      return node.min === 0 ? either(body, rest) : body
    }
    case 'atomic':
    case 'capture':
      return expected(node.body, rest, rowOf)
    case 'look': {
      if (node.behind) return rest
      if (!node.negative) return both(rest, expected(node.body, new Uint8Array(rest.length).fill(1), rowOf))
      return node.body.kind === 'set' ? both(rest, neither(rowOf(node.body.set))) : rest
    }
    case 'again':
      return new Uint8Array(rest.length).fill(1)
    case 'place':
      return rest
  }
}

/** The fewest and the most code points that a part of a pattern can match; Infinity for no bound. */
export function widths(node: Node): readonly [number, number] {
  switch (node.kind) {
    case 'set':
      return [1, 1]
    case 'sequence':
      return node.parts.map(widths).reduce(([a, b], [min, max]) => [a + min, b + max], [0, 0])
    case 'choice':
      return node.options.map(widths).reduce(([a, b], [min, max]) => [Math.min(a, min), Math.max(b, max)])
    case 'repeat': {
      const [min, max] = widths(node.body)
      return [min * node.min, node.max === 0 || max === 0 ? 0 : max * node.max]
    }
    case 'atomic':
    case 'capture':
      return widths(node.body)
    case 'again':
      return [0, Number.POSITIVE_INFINITY]
    default:
      return [0, 0]
  }
}

/** All parts of a tree, itself first. */
export function* partsOf(node: Node): Generator<Node> {
  yield node
  if (node.kind === 'sequence') for (const part of node.parts) yield* partsOf(part)
  else if (node.kind === 'choice') for (const option of node.options) yield* partsOf(option)
  else if ('body' in node) yield* partsOf(node.body)
}

/** Whether a repeat needs neither counting nor a look at whether its body matched nothing. */
export const isPlainLoop = (node: Repeat): boolean =>
  node.min <= 1 && node.max === Number.POSITIVE_INFINITY && widths(node.body)[0] > 0
