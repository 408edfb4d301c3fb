import { withCases } from './case-folding.ts'
import { type CodePoints, complement, intersection, range, union } from './code-points.ts'
import { escapedCode, escapedSet } from './parse-escape.ts'
import { posixSet } from './properties.ts'
import { type Cursor, type Flags, refused, took, tookCode, tookLike } from './syntax.ts'

const deepest = 50

/**
 * The set that brackets stand for; the cursor is behind the opening one, and goes behind the closing one.
 *
 * Oniguruma ignores case once, in what the outermost brackets add up to before they are negated; Rust in every item.
 */
export function parseClass(cursor: Cursor, flags: Flags, depth = 0): CodePoints {
  const start = cursor.at - 1
  if (depth > deepest) throw refused(cursor, start, `brackets nest deeper than ${deepest}`)
  const outermostFold = flags.fold && cursor.dialect === 'oniguruma' && depth === 0
  const itemFold = flags.fold && cursor.dialect === 'rust'
  const negative = took(cursor, '^')
  /** What stands between two &&. */
  let items: CodePoints[] = []
  let met: CodePoints | undefined
  const add = (set: CodePoints) => items.push(set)
  const addRange = (set: CodePoints) => add(itemFold ? withCases(set) : set)
  const meet = () => (met === undefined ? union(...items) : intersection(met, union(...items)))
  for (let first = true; ; first = false) {
    if (cursor.at >= cursor.pattern.length) throw refused(cursor, start, 'brackets that do not close')
    const here = cursor.at
    if (took(cursor, ']')) {
      // A bracket that comes first is a member.
      if (!first) break
      if (!cursor.pattern.includes(']', cursor.at)) throw refused(cursor, start, 'empty brackets')
      parseRange(cursor, here, 0x5d, addRange)
    } else if (took(cursor, '&&')) {
      met = meet()
      items = []
    } else if (cursor.pattern[cursor.at] === '[' && !/^\[:\^?[a-z]+:\]/.test(cursor.pattern.slice(cursor.at))) {
      cursor.at++
      add(parseClass(cursor, flags, depth + 1))
    } else {
      const set = posix(cursor, itemFold) ?? escapedSet(cursor, true, itemFold)
      if (set === undefined) parseRange(cursor, here, memberCode(cursor), addRange)
      else {
        add(set)
        // A hyphen behind a set is a member where it cannot be anything else.
        if (isRange(cursor)) throw refused(cursor, here, 'a range that begins with a set')
      }
    }
  }
  const all = meet()
  const cased = outermostFold ? withCases(all) : all
  return negative ? complement(cased) : cased
}

/** One character of a class, perhaps escaped. */
function memberCode(cursor: Cursor): number {
  return cursor.pattern[cursor.at] === '\\' ? escapedCode(cursor, true) : tookCode(cursor)
}

/** A class of POSIX such as `[:alpha:]`, stepped over; undefined when there is none. */
function posix(cursor: Cursor, fold: boolean): CodePoints | undefined {
  const here = cursor.at
  const parts = tookLike(cursor, /\[:(\^?)([a-z]+):\]/y)
  if (parts === undefined) return undefined
  const set = posixSet(parts[2], cursor.dialect === 'rust')
  if (set === undefined) throw refused(cursor, here, 'an unknown POSIX class')
  const cased = fold ? withCases(set) : set
  return parts[1] === '' ? cased : complement(cased)
}

/** Whether a hyphen comes next that is not the last member, or the last before &&. */
const isRange = (cursor: Cursor): boolean => /^-(?!\]|&&|$)/.test(cursor.pattern.slice(cursor.at, cursor.at + 3))

/** The rest of a range after its first character, or that character alone. */
function parseRange(cursor: Cursor, here: number, first: number, add: (set: CodePoints) => void): void {
  if (!isRange(cursor)) {
    add(range(first))
    return
  }
  cursor.at++
  if (cursor.pattern[cursor.at] === '[' || escapedSet(cursor, true, false) !== undefined) {
    throw refused(cursor, here, 'a range that ends in a set')
  }
  const last = memberCode(cursor)
  if (last < first) throw refused(cursor, here, 'a range whose end comes before its start')
  add(range(first, last))
}
