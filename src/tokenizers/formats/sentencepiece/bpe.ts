import type { TokenList } from '../../token-list.ts'
import { mergeByScore, type ScoreMerges } from './score-merges.ts'
import type { TokenSink } from './tokens.ts'

export interface SentencePieceBpe {
  /** Pieces that text is made of, with their ids. */
  readonly pieces: ReadonlyMap<string, number>
  /** By id. */
  readonly scores: ArrayLike<number>
  /** Ids of pieces that are merged but taken apart again at the end. */
  readonly unused: ReadonlySet<number>
  /** Where a piece ends that is always one token and merges with nothing, or the place itself when there is none. */
  readonly fixedEnd: (text: string, at: number) => number
  /** The id that a piece gets in the end. */
  readonly idOf: (piece: string) => number
  /** The character that stands for a space. */
  readonly space: string
  readonly sink: TokenSink
}

/** Words up to this many code units are remembered, and as many of them. */
const longestRemembered = 32
const mostRemembered = 1 << 16

/** In place of a symbol: a character of no piece; a fixed piece of id n is −3 − n. −1 stands for what was merged. */
const unknown = -2

const sizeAt = (text: string, at: number): number => ((text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1)
/** Two characters, or two symbols, in one number. */
const pairOf = (left: number, right: number): number => left * 2 ** 26 + right

/**
 * Encodes with the BPE of SentencePiece: merges characters as long as two neighbours together are a piece, the highest
 * score first. Words that no piece crosses are merged one by one, and remembered.
 */
export function sentencePieceBpe(parts: SentencePieceBpe): (text: string, out: TokenList) => void {
  const { pieces, unused, sink, fixedEnd } = parts
  const space = parts.space.codePointAt(0)!
  /** The spelling of each symbol: pieces by their ids, then characters that are in pieces but are none. */
  const spellings: string[] = []
  for (const [piece, id] of pieces) spellings[id] = piece
  const symbols = new Map(pieces)
  const crossed = new Set<number>()
  for (const piece of pieces.keys()) {
    let before = -1
    for (const character of piece) {
      if (!symbols.has(character)) symbols.set(character, spellings.push(character) - 1)
      const code = character.codePointAt(0)!
      if (before === space || (before >= 0 && code === space)) crossed.add(pairOf(before, code))
      before = code
    }
  }
  const characters = new Map<number, number>()
  for (const [spelling, symbol] of symbols) {
    if (spelling.length === sizeAt(spelling, 0)) characters.set(spelling.codePointAt(0)!, symbol)
  }
  const ends = spellings.map((spelling) => (pieces.has(spelling) ? parts.idOf(spelling) : -1))
  const merges = mergesOf(parts, symbols)
  /** As in SentencePiece, an unused piece is taken apart as it was last seen in this text, wherever that was. */
  const lastPairs = new Map<number, readonly [number, number]>()
  const tracedMerges: ScoreMerges = {
    ...merges,
    merged(left, right) {
      const result = merges.merged(left, right)
      if (unused.has(result)) lastPairs.set(result, [left, right])
      return result
    },
  }

  let work = new Int32Array(256)
  let sizes = new Int32Array(256)
  /** Calls `each` for every symbol from `start` up to `end`, and where it begins. */
  function merge(text: string, start: number, end: number, each: (symbol: number, at: number) => void): void {
    if (work.length < end - start) {
      work = new Int32Array(2 * (end - start))
      sizes = new Int32Array(2 * (end - start))
    }
    let count = 0
    for (let at = start; at < end; count++) {
      const fixed = fixedEnd(text, at)
      sizes[count] = fixed > at ? fixed - at : sizeAt(text, at)
      work[count] =
        fixed > at ? -3 - parts.idOf(text.slice(at, fixed)) : (characters.get(text.codePointAt(at)!) ?? unknown)
      at += sizes[count]
    }
    mergeByScore(work, count, unused.size > 0 ? tracedMerges : merges)
    for (let i = 0, at = start; i < count; i++) {
      if (work[i] !== -1) each(work[i], at)
      at += sizes[i]
    }
  }

  function put(symbol: number, text: string, at: number, out: TokenList): void {
    if (symbol < 0) {
      const end = symbol === unknown ? at + sizeAt(text, at) : fixedEnd(text, at)
      sink.push(symbol === unknown ? -1 : -3 - symbol, text, at, end, out)
      return
    }
    const pair = unused.has(symbol) ? lastPairs.get(symbol) : undefined
    if (pair === undefined) sink.push(ends[symbol], text, at, at + spellings[symbol].length, out)
    else {
      put(pair[0], text, at, out)
      put(pair[1], text, at + spellings[pair[0]].length, out)
    }
  }

  /** Symbols of words, each with where it begins in the word. */
  const remembered = new Map<string, number[]>()
  function encodeWord(text: string, start: number, end: number, out: TokenList): void {
    if (end - start > longestRemembered) {
      merge(text, start, end, (symbol, at) => put(symbol, text, at, out))
      return
    }
    const word = text.slice(start, end)
    let known = remembered.get(word)
    if (known === undefined) {
      const found: number[] = []
      merge(word, 0, word.length, (symbol, at) => found.push(symbol, at))
      known = found
      if (remembered.size === mostRemembered) remembered.clear()
      remembered.set(word, known)
    }
    for (let i = 0; i < known.length; i += 2) put(known[i], text, start + known[i + 1], out)
  }

  return (text, out) => {
    lastPairs.clear()
    if (unused.size > 0) {
      const found: number[] = []
      merge(text, 0, text.length, (symbol, at) => found.push(symbol, at))
      for (let i = 0; i < found.length; i += 2) put(found[i], text, found[i + 1], out)
      sink.end(out)
      return
    }
    let start = 0
    let before = -1
    for (let at = 0; at < text.length; ) {
      const fixed = fixedEnd(text, at)
      const code = text.codePointAt(at)!
      const cut = (code === space || before === space) && before >= 0 && !crossed.has(pairOf(before, code))
      if ((cut || fixed > at) && at > start) {
        encodeWord(text, start, at, out)
        start = at
      }
      if (fixed > at) {
        encodeWord(text, at, fixed, out)
        start = fixed
        before = -1
        at = fixed
      } else {
        before = code
        at += code < 0x10000 ? 1 : 2
      }
    }
    if (start < text.length) encodeWord(text, start, text.length, out)
    sink.end(out)
  }
}

/** All ways to make a piece of two symbols. */
function mergesOf({ pieces, scores }: SentencePieceBpe, symbols: ReadonlyMap<string, number>): ScoreMerges {
  const lefts: number[] = []
  const rights: number[] = []
  const results: number[] = []
  for (const [piece, id] of pieces) {
    for (let cut = sizeAt(piece, 0); cut < piece.length; cut += sizeAt(piece, cut)) {
      const left = symbols.get(piece.slice(0, cut))
      const right = left === undefined ? undefined : symbols.get(piece.slice(cut))
      if (right === undefined) continue
      lefts.push(left!)
      rights.push(right)
      results.push(id)
    }
  }
  const mask = 2 ** Math.ceil(Math.log2(2 * results.length + 2)) - 1
  const place = (left: number, right: number): number => {
    const mixed = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b)
    return (mixed ^ (mixed >>> 15)) & mask
  }
  /** Left, right, result of each slot; the result is −1 where the slot is free. */
  const table = new Int32Array(3 * (mask + 1)).fill(-1)
  results.forEach((result, i) => {
    let at = place(lefts[i], rights[i])
    while (table[3 * at + 2] >= 0) at = (at + 1) & mask
    table[3 * at] = lefts[i]
    table[3 * at + 1] = rights[i]
    table[3 * at + 2] = result
  })
  // Pieces of the same score have the same rank.
  const order = [...pieces.values()].sort((a, b) => scores[b] - scores[a])
  const ranks = new Int32Array(order.reduce((most, id) => Math.max(most, id), 0) + 1)
  let rank = 0
  order.forEach((id, i) => {
    if (i > 0 && scores[id] !== scores[order[i - 1]]) rank++
    ranks[id] = rank
  })
  return {
    ranks,
    limit: rank + 1,
    merged(left, right) {
      if (left < 0 || right < 0) return -1
      for (let at = place(left, right); ; at = (at + 1) & mask) {
        const result = table[3 * at + 2]
        if (result < 0 || (table[3 * at] === left && table[3 * at + 1] === right)) return result
      }
    },
  }
}
