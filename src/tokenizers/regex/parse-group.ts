import { type Cursor, type Dialect, type Flags, type Node, refused, took, tookLike } from './syntax.ts'

/** A pattern on its way to a tree. */
export interface Parser extends Cursor {
  depth: number
  /** How many groups have begun, and the numbers of those with names. */
  groups: number
  readonly names: Map<string, number>
  /** Groups that are asked for again, and where. */
  readonly asked: { readonly group: number | string; readonly at: number; readonly node: { group: number } }[]
  /** Reads alternatives, up to a closing parenthesis or the end. */
  choice(flags: Flags): Node
}

/**
 * A group, the cursor being behind its opening parenthesis.
 *
 * @param state its flags change where the group is of the kind `(?i)` and the dialect ends them with the group around
 * @returns undefined for what only changes flags, and for comments
 */
export function parseGroup(parser: Parser, state: { flags: Flags }): Node | undefined {
  const start = parser.at - 1
  const { flags } = state
  if (tookLike(parser, /\?#[^)]*\)/y)) return undefined
  if (took(parser, '?:')) return closed(parser, start, flags)
  if (took(parser, '?>')) return { kind: 'atomic', body: closed(parser, start, flags) }
  const look = tookLike(parser, /\?(<?)([=!])/y)
  if (look !== undefined) {
    const body = closed(parser, start, flags)
    return { kind: 'look', behind: look[1] === '<', negative: look[2] === '!', body }
  }
  const name = tookLike(parser, parser.dialect === 'rust' ? /\?P?<([^<>()]+)>/y : /\?<([^<>()]+)>/y)?.[1]
  if (name !== undefined || !took(parser, '?')) return parseCapture(parser, start, flags, name)

  const letters = tookLike(parser, /([imsx]*)(-?)([imsx]*)([:)])/y)
  if (letters === undefined || letters[0] === ')') throw refused(parser, start, 'an unknown kind of group')
  const changed = switched(switched(flags, letters[1], true, parser.dialect), letters[3], false, parser.dialect)
  if (letters[4] === ':') return closed(parser, start, changed)
  // To the end of the group around, where Oniguruma takes the alternatives that follow into it.
  if (parser.dialect === 'oniguruma') return parser.choice(changed)
  state.flags = changed
  return undefined
}

function parseCapture(parser: Parser, start: number, flags: Flags, name: string | undefined): Node {
  const group = ++parser.groups
  if (name !== undefined) {
    if (parser.names.has(name)) throw refused(parser, start, 'a name that two groups have')
    parser.names.set(name, group)
  }
  return { kind: 'capture', group, body: closed(parser, start, flags) }
}

/** What stands in a group, and its closing parenthesis. */
function closed(parser: Parser, start: number, flags: Flags): Node {
  const body = parser.choice(flags)
  if (!took(parser, ')')) throw refused(parser, start, 'a group that does not close')
  return body
}

function switched(flags: Flags, letters: string, on: boolean, dialect: Dialect): Flags {
  const result = { ...flags }
  for (const letter of letters) {
    if (letter === 'i') result.fold = on
    else if (letter === 'x') result.spaced = on
    else if (letter === 's' || dialect === 'oniguruma') result.dotAll = on
    else result.multiLine = on
  }
  return result
}
