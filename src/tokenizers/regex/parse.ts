import { withCases } from './case-folding.ts'
import { type CodePoints, complement, range, union } from './code-points.ts'
import { parseClass } from './parse-class.ts'
import { escapedCode, escapedSet } from './parse-escape.ts'
import { type Parser, parseGroup } from './parse-group.ts'
import { type Dialect, type Flags, type Node, type Place, refused, took, tookCode, tookLike } from './syntax.ts'

const longestPattern = 1 << 15
const deepest = 100
const mostOperators = 8
/** What Oniguruma allows. */
const mostRepeats = 100000

/** The tree of a pattern. */
export function parse(pattern: string, dialect: Dialect): Node {
  const parser: Parser = {
    pattern,
    dialect,
    at: 0,
    depth: 0,
    names: new Map(),
    groups: 0,
    asked: [],
    choice: (flags) => parseChoice(parser, flags),
  }
  if (pattern.length > longestPattern) throw refused(parser, 0, `a pattern longer than ${longestPattern}`)
  const node = parseChoice(parser, { fold: false, dotAll: false, multiLine: dialect === 'oniguruma', spaced: false })
  if (parser.at < pattern.length) throw refused(parser, parser.at, 'a parenthesis that closes nothing')
  for (const { group, at, node } of parser.asked) {
    const number = typeof group === 'string' ? parser.names.get(group) : group
    parser.at = at
    if (number === undefined || number > parser.groups) throw refused(parser, at, 'a group that does not exist')
    if (typeof group === 'number' && parser.names.size > 0) throw refused(parser, at, 'a number beside named groups')
    node.group = number
  }
  return node
}

/** Alternatives, up to a closing parenthesis or the end. */
function parseChoice(parser: Parser, flags: Flags): Node {
  if (++parser.depth > deepest) throw refused(parser, parser.at, `groups nest deeper than ${deepest}`)
  const options: Node[] = []
  const state = { flags }
  do {
    options.push(parseSequence(parser, state))
  } while (took(parser, '|'))
  parser.depth--
  return options.length === 1 ? options[0] : { kind: 'choice', options }
}

function parseSequence(parser: Parser, state: { flags: Flags }): Node {
  const parts: Node[] = []
  for (;;) {
    if (state.flags.spaced && tookLike(parser, /(?:[ \t-\r]|#[^\n]*(?:\n|$))+/y)) continue
    const next = parser.pattern[parser.at]
    if (next === undefined || next === '|' || next === ')') break
    const atom = parseAtom(parser, state)
    if (atom === undefined) continue
    if (state.flags.spaced) tookLike(parser, /(?:[ \t-\r]|#[^\n]*(?:\n|$))+/y)
    parts.push(parseRepeats(parser, atom))
  }
  return parts.length === 1 ? parts[0] : { kind: 'sequence', parts }
}

/** What repeat operators make of an atom. */
function parseRepeats(parser: Parser, atom: Node): Node {
  let node = atom
  for (let operators = 0; ; operators++) {
    const here = parser.at
    const operator = tookLike(parser, /[*+?]|\{(\d*)(,?)(\d*)\}/y)
    if (operator === undefined) return node
    const [sign, low, comma, high] = operator
    if (sign[0] === '{' && low === '' && high === '') {
      // Braces without a number are characters.
      parser.at = here
      return node
    }
    if (operators === mostOperators) throw refused(parser, here, `more than ${mostOperators} repeats of repeats`)
    const min = sign === '+' ? 1 : Number(low || 0)
    const max =
      sign === '?' ? 1 : sign === '*' || sign === '+' || (comma && high === '') ? Infinity : Number(high || low)
    if (min > mostRepeats || (max > mostRepeats && max !== Infinity)) {
      throw refused(parser, here, `more than ${mostRepeats} repeats`)
    }
    if (max < min) throw refused(parser, here, 'a maximum below the minimum')
    node = { kind: 'repeat', min, max, mode: 'greedy', body: node }
    const counted = sign[0] === '{'
    const oniguruma = parser.dialect === 'oniguruma'
    if (counted && oniguruma && comma === '') {
      // There {n}? is an optional {n}.
      if (took(parser, '?')) node = { kind: 'repeat', min: 0, max: 1, mode: 'greedy', body: node }
    } else if (took(parser, '?')) node = { ...node, mode: 'lazy' }
    else if (!(counted && oniguruma) && took(parser, '+')) node = { ...node, mode: 'possessive' }
  }
}

/** One element of a sequence; undefined for what only changes flags or says nothing. */
function parseAtom(parser: Parser, state: { flags: Flags }): Node | undefined {
  const start = parser.at
  const { flags } = state
  if (took(parser, '(')) return parseGroup(parser, state)
  if (took(parser, '[')) return ofSet(parseClass(parser, flags))
  if (took(parser, '.')) return ofSet(flags.dotAll ? complement([]) : complement(range(0x0a)))
  if (took(parser, '^')) return { kind: 'place', place: flags.multiLine ? 'lineStart' : 'textStart' }
  if (took(parser, '$')) return { kind: 'place', place: flags.multiLine ? 'lineEnd' : 'textEnd' }
  if (tookLike(parser, /[*+?]|\{(?:\d+,?\d*|,\d+)\}/y)) throw refused(parser, start, 'nothing to repeat')
  if (parser.pattern[start] !== '\\') return character(tookCode(parser), flags)
  return parseEscape(parser, flags)
}

const places: Readonly<Record<string, Place>> = {
  A: 'textStart',
  z: 'textEnd',
  Z: 'lastLineEnd',
  b: 'wordEdge',
  B: 'noWordEdge',
}

function parseEscape(parser: Parser, flags: Flags): Node {
  const start = parser.at
  const place = tookLike(parser, /\\([AzZbB])/y)
  if (place !== undefined) return { kind: 'place', place: places[place[1]] }
  if (took(parser, '\\R')) return anyLineEnd
  const again = tookLike(parser, /\\(?:([1-9]\d*)|k<([^<>]+)>)/y)
  if (again !== undefined) {
    const node = { kind: 'again' as const, group: 0, folded: flags.fold }
    parser.asked.push({ group: again[2] ?? Number(again[1]), at: start, node })
    return node
  }
  const set = escapedSet(parser, false, flags.fold && parser.dialect === 'rust')
  return set === undefined ? character(escapedCode(parser, false), flags) : ofSet(set)
}

const ofSet = (set: CodePoints): Node => ({ kind: 'set', set })

const character = (code: number, flags: Flags): Node => ofSet(flags.fold ? withCases(range(code)) : range(code))

/** `\R`: a line feed with what belongs to it, never cut. */
const anyLineEnd: Node = {
  kind: 'atomic',
  body: {
    kind: 'choice',
    options: [
      { kind: 'sequence', parts: [ofSet(range(0x0d)), ofSet(range(0x0a))] },
      ofSet(union(range(0x0a, 0x0d), range(0x85), range(0x2028, 0x2029))),
    ],
  },
}
