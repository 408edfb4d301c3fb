import { caseFamilies } from '../unicode/letter-case.ts'
import { type CodePoints, contains, range, union } from './code-points.ts'

let folds: Map<number, number> | undefined

/** One code point for all that are equal where case does not matter: simple case folding, as of Unicode 16. */
export function folded(code: number): number {
  folds ??= new Map(caseFamilies().flatMap((family) => family.map((member) => [member, family[0]])))
  return folds.get(code) ?? code
}

/** A set with all that equal one of its members where case does not matter: s brings S and ſ. */
export function withCases(set: CodePoints): CodePoints {
  const touched = caseFamilies().filter((family) => family.some((code) => contains(set, code)))
  return union(set, ...touched.flat().map((code) => range(code)))
}
