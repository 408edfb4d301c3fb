import { type CodePoints, contains, range, union } from './code-points.ts'
import { foldingRuns } from './tables.ts'

let folds: Map<number, number> | undefined
let families: readonly (readonly number[])[] = []

function prepare(): Map<number, number> {
  folds = new Map()
  const byFold = new Map<number, number[]>()
  const numbers = foldingRuns.split(' ').map((text) => Number.parseInt(text, 36))
  for (let i = 0, start = 0; i < numbers.length; i += 4) {
    const [skipped, count, step, distance] = numbers.slice(i, i + 4)
    start += skipped
    for (let code = start; code < start + count * step; code += step) {
      const folded = code + distance
      folds.set(code, folded)
      const family = byFold.get(folded)
      if (family === undefined) byFold.set(folded, [folded, code])
      else family.push(code)
    }
  }
  families = [...byFold.values()]
  return folds
}

/** One code point for all that are equal where case does not matter: simple case folding, as of Unicode 16. */
export function folded(code: number): number {
  return (folds ?? prepare()).get(code) ?? code
}

/** A set with all that equal one of its members where case does not matter: s brings S and ſ. */
export function withCases(set: CodePoints): CodePoints {
  if (folds === undefined) prepare()
  const added: CodePoints[] = [set]
  for (const family of families) {
    if (family.some((code) => contains(set, code))) for (const code of family) added.push(range(code))
  }
  return union(...added)
}
