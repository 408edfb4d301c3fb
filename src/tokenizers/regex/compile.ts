import { type Alphabet, alphabet } from './alphabet.ts'
import { type CodePoints, range } from './code-points.ts'
import {
  disjoint,
  either,
  expected,
  isPlainLoop,
  neither,
  partsOf,
  type Rest,
  type Row,
  widths,
} from './expectations.ts'
import * as op from './operations.ts'
import type { Program } from './program.ts'
import { wordSet } from './properties.ts'
import { type Dialect, type Node, type Place, type Repeat, refused } from './syntax.ts'

const mostSets = 1024
const widestLookBehind = 255

/** A pattern's tree as a program, with every choice that can be decided by the next character decided so. */
export function compile(pattern: string, dialect: Dialect, tree: Node): Program {
  const fail = (why: string) => refused({ pattern, dialect, at: pattern.length }, 0, why)
  const writer = startWriting(tree, dialect, fail)
  const end: Rest = { row: writer.everything, sure: true }
  emit(writer, tree, end)
  writer.code.push(op.accept)
  const start = expected(tree, writer.everything, writer.rowOf)
  const { size, firstWide, pages, letters } = writer.alphabet
  return {
    pattern,
    size,
    firstWide,
    pages,
    letters,
    start: writer.place(start),
    code: Int32Array.from(writer.code),
    registers: writer.registers,
    ...dispatched(writer),
    rows: Uint8Array.from(writer.rows),
  }
}

/** One way to go on: when the next letter is in the row, at this place in the code. */
interface Way {
  readonly row: Row
  to: number
}

interface Writer {
  readonly alphabet: Alphabet
  readonly everything: Row
  readonly word: Row
  readonly lineFeed: Row
  readonly code: number[]
  /** All rows in use, one behind the other. */
  readonly rows: number[]
  readonly choices: Way[][]
  /** Groups that something refers to, and their registers. */
  readonly groups: Map<number, number>
  registers: number
  rowOf(set: CodePoints): Row
  /** Where a row stands among `rows`. */
  place(row: Row): number
  fail(why: string): Error
}

function startWriting(tree: Node, dialect: Dialect, fail: (why: string) => Error): Writer {
  /** Equal sets, however often they were made, share a row. */
  const keys = new Map<CodePoints, string>()
  const sets = new Map<string, CodePoints>()
  const add = (set: CodePoints) => {
    if (keys.has(set)) return
    keys.set(set, set.join())
    sets.set(keys.get(set)!, set)
  }
  const groups = new Map<number, number>()
  const parts = [...partsOf(tree)]
  for (const part of parts) {
    if (part.kind === 'set') add(part.set)
    else if (part.kind === 'again') groups.set(part.group, 0)
  }
  const [word, lineFeed] = [wordSet(dialect, false), range(0x0a)]
  if (parts.some((part) => part.kind === 'place')) for (const set of [word, lineFeed]) add(set)
  if (sets.size > mostSets) throw fail(`a pattern with more than ${mostSets} different sets`)
  const letters = alphabet([...sets.values()])
  const rowByKey = new Map([...sets.keys()].map((key, s) => [key, letters.rows[s]]))
  const rowOf = (set: CodePoints) => rowByKey.get(keys.get(set) ?? '')!
  const rows: number[] = []
  const known = new Map<string, number>()
  const writer: Writer = {
    alphabet: letters,
    everything: new Uint8Array(letters.size + 1).fill(1),
    word: rowOf(word),
    lineFeed: rowOf(lineFeed),
    code: [],
    rows,
    choices: [],
    groups,
    registers: 0,
    rowOf,
    place(row) {
      const key = row.join('')
      let place = known.get(key)
      if (place === undefined) {
        known.set(key, (place = rows.length))
        rows.push(...row)
      }
      return place
    },
    fail,
  }
  for (const group of groups.keys()) groups.set(group, (writer.registers += 4) - 4)
  return writer
}

/** Writes the operations of a part of the pattern. */
function emit(writer: Writer, node: Node, rest: Rest): void {
  const { code, groups } = writer
  switch (node.kind) {
    case 'set':
      code.push(op.one, writer.place(writer.rowOf(node.set)))
      return
    case 'sequence': {
      const rests: Rest[] = []
      node.parts.reduceRight((after, part, i) => {
        rests[i] = after
        return before(writer, part, after)
      }, rest)
      for (const [i, part] of node.parts.entries()) emit(writer, part, rests[i])
      return
    }
    case 'choice':
      emitChoice(writer, node.options, rest)
      return
    case 'repeat':
      emitRepeat(writer, node, rest)
      return
    case 'atomic':
      emitApart(writer, node.body, op.commit)
      return
    case 'look':
      emitLook(writer, node)
      return
    case 'capture': {
      const register = groups.get(node.group)
      if (register !== undefined) code.push(op.begin, register)
      emit(writer, node.body, rest)
      if (register !== undefined) code.push(op.finish, register)
      return
    }
    case 'again':
      code.push(op.again, groups.get(node.group)!, Number(node.folded))
      return
    case 'place':
      emitPlace(writer, node.place)
  }
}

/** What is known where a part of a sequence begins. A repeat that may be empty cannot fail. */
const before = (writer: Writer, node: Node, rest: Rest): Rest => ({
  row: expected(node, rest.row, writer.rowOf),
  sure: rest.sure && node.kind === 'repeat' && node.min === 0,
})

function emitChoice(writer: Writer, options: readonly Node[], rest: Rest): void {
  const { code } = writer
  const ways = options.map((option) => ({ row: expected(option, rest.row, writer.rowOf), to: 0 }))
  choose(writer, ways)
  const ends: number[] = []
  options.forEach((option, i) => {
    ways[i].to = code.length
    emit(writer, option, rest)
    if (i < options.length - 1) ends.push(code.push(op.jump, 0) - 1)
  })
  for (const end of ends) code[end] = code.length
}

/** The places of ways may still be unknown. */
function choose(writer: Writer, ways: Way[]): void {
  writer.code.push(op.choose, (writer.choices.push(ways) - 1) * (writer.alphabet.size + 1))
}

function emitRepeat(writer: Writer, node: Repeat, rest: Rest): void {
  const { body, min, max, mode } = node
  if (max === 0) return
  if (body.kind === 'set') emitSetRepeat(writer, node, rest)
  else if (mode === 'possessive') emitApart(writer, { ...node, mode: 'greedy' }, op.commit)
  else if (min === 1 && max === 1) emit(writer, body, rest)
  else emitLoop(writer, node, rest)
}

function emitLoop(writer: Writer, node: Repeat, rest: Rest): void {
  const { code } = writer
  const { body, min, max } = node
  const lazy = node.mode === 'lazy'
  const ordered = <T>(inner: T, outer: T): T[] => (lazy ? [outer, inner] : [inner, outer])
  const inner: Way = { row: writer.everything, to: 0 }
  const outer: Way = { row: rest.row, to: 0 }
  if (min === 0 && max === 1) {
    choose(writer, ordered({ ...inner, row: expected(body, rest.row, writer.rowOf), to: code.length + 2 }, outer))
    emit(writer, body, rest)
  } else if (isPlainLoop(node)) {
    const first = expected(body, rest.row, writer.rowOf)
    const again: Rest = { row: either(first, rest.row), sure: rest.sure }
    const ways = () => ordered<Way>({ row: first, to: head }, outer)
    if (min === 0) choose(writer, ordered<Way>({ row: first, to: code.length + 2 }, outer))
    const head = code.length
    emit(writer, body, again)
    choose(writer, ways())
  } else {
    const register = (writer.registers += 2) - 2
    code.push(op.count, register)
    const head = code.length
    const bound = max === Number.POSITIVE_INFINITY ? 0x7fffffff : max
    code.push(op.loop, register, min, bound, Number(lazy), 0)
    emit(writer, body, { row: writer.everything, sure: false })
    code.push(op.jump, head)
    code[head + 5] = code.length
  }
  outer.to = code.length
}

function emitSetRepeat(writer: Writer, { body, min, max, mode }: Repeat, rest: Rest): void {
  const row = expected(body, writer.everything, writer.rowOf)
  const bound = max === Number.POSITIVE_INFINITY ? 0x7fffffff : max
  const place = writer.place(row)
  if (mode === 'lazy') writer.code.push(op.lazy, place, min, bound, writer.place(rest.row))
  // Giving characters back leads nowhere when nothing that follows can begin with one.
  else if (mode === 'possessive' || rest.sure || disjoint(row, rest.row)) writer.code.push(op.run, place, min, bound)
  else writer.code.push(op.greedy, place, min, bound, writer.place(rest.row))
}

/** A part that is matched apart from the rest, and closed by an operation. */
function emitApart(writer: Writer, body: Node, closing: number, opening: readonly number[] = [op.open, -1]): void {
  const { code, groups } = writer
  for (const part of partsOf(body)) {
    const register = part.kind === 'capture' ? groups.get(part.group) : undefined
    if (register !== undefined) code.push(op.keep, register, op.keep, register + 2)
  }
  const start = code.length
  code.push(...opening)
  const behind = opening[0] === op.openBehind
  emit(writer, body, { row: writer.everything, sure: !behind })
  if (behind) code.push(op.arrived)
  code.push(closing)
  if (closing === op.refuse) code[start + 1] = code.length
}

function emitLook(writer: Writer, { behind, negative, body }: Node & { kind: 'look' }): void {
  if (body.kind === 'set') {
    const row = writer.rowOf(body.set)
    writer.code.push(behind ? op.behind : op.ahead, writer.place(negative ? neither(row) : row))
    return
  }
  const closing = negative ? op.refuse : op.rewind
  if (!behind) {
    emitApart(writer, body, closing)
    return
  }
  const [min, max] = widths(body)
  if (max > widestLookBehind) {
    throw writer.fail(`a look behind over more than ${widestLookBehind} characters or without a bound`)
  }
  emitApart(writer, body, closing, [op.openBehind, -1, min, max])
}

function emitPlace(writer: Writer, place: Place): void {
  const { code, alphabet, word, lineFeed } = writer
  const end = new Uint8Array(alphabet.size + 1)
  end[alphabet.size] = 1
  if (place === 'textStart') code.push(op.behind, writer.place(end))
  else if (place === 'textEnd') code.push(op.ahead, writer.place(end))
  else if (place === 'lineEnd') code.push(op.ahead, writer.place(either(end, lineFeed)))
  else if (place === 'lineStart') code.push(op.lineStart)
  else if (place === 'lastLineEnd') code.push(op.lastLineEnd)
  else code.push(op.edge, writer.place(word), Number(place === 'wordEdge'))
}

/** The tables and lists of all choices. */
function dispatched(writer: Writer): Pick<Program, 'tables' | 'lists'> {
  const width = writer.alphabet.size + 1
  const tables = new Int32Array(writer.choices.length * width)
  const lists: number[] = []
  writer.choices.forEach((ways, c) => {
    const known = new Map<string, number>()
    for (let letter = 0; letter < width; letter++) {
      const places = ways.filter(({ row }) => row[letter]).map(({ to }) => to)
      const key = places.join()
      let list = known.get(key)
      if (list === undefined) {
        known.set(key, (list = lists.length))
        lists.push(...places, -1)
      }
      tables[c * width + letter] = list
    }
  })
  return { tables, lists: Int32Array.from(lists) }
}
