import { ConfigError } from '../../base/index.ts'
import { PairTable } from '../pair-table.ts'
import { BpePairs } from '../training/bpe-pairs.ts'
import { LikelyPairs } from './likely-pairs.ts'
import { type CountedWord, type PairOrder, PieceWords } from './piece-words.ts'

export type WordPieceScore = 'likelihood ratio' | 'frequency'

/** One step of training: two tokens that become one wherever they meet. */
export interface WordPieceMerge {
  readonly left: string
  readonly right: string
  readonly token: string
  readonly id: number
  /** False when two other tokens made this token before. */
  readonly isNew: boolean
  /** How often the pair and its parts occurred before the merge. */
  readonly count: number
  readonly leftCount: number
  readonly rightCount: number
  /** The highest of all pairs. */
  readonly score: number
}

export interface LearnWordPiecesOptions {
  readonly vocabSize: number
  readonly specials: readonly string[]
  readonly continuingPrefix: string
  readonly score: WordPieceScore
  readonly leastCount: number
  readonly limitAlphabet?: number
  readonly onMerge: (merge: WordPieceMerge, tokens: number) => void
}

/**
 * Learns the tokens of WordPiece from counted words.
 *
 * @param alphabet the tokens of single characters in the order of their ids, which decides between equals; by default
 *   characters in the order of their code points, then those inside words
 * @returns special tokens, alphabet, and merged tokens; the id of a token is its place
 */
export function learnWordPieces(
  words: ReadonlyMap<string, number>,
  options: LearnWordPiecesOptions,
  alphabet = wordPieceAlphabet(words, options),
): string[] {
  const { specials, continuingPrefix, leastCount, vocabSize } = options
  const tokens = [...new Set([...specials, ...alphabet])]
  if (tokens.length > vocabSize) {
    throw new ConfigError(
      `trainWordPiece: vocabSize is ${vocabSize}, but ${specials.length} special tokens and the alphabet need ${tokens.length}; raise it, or limit the alphabet`,
    )
  }
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const pairs = new PairTable(1 << 14)
  const state = new PieceWords(countedWords(words, alphabet, ids, continuingPrefix), pairs)
  const least = Math.max(1, leastCount)
  const lowestIds = (pair: number) => pairs.ids[2 * pair] * 2 ** 22 + pairs.ids[2 * pair + 1]
  const isRatio = options.score === 'likelihood ratio'
  const order: PairOrder = isRatio ? new LikelyPairs(state, least) : new BpePairs({ key: lowestIds })
  state.announce(order)

  while (tokens.length < vocabSize) {
    const taken = order.pop(least)
    if (taken === undefined) break
    const [leftId, rightId] = [pairs.ids[2 * taken.pair], pairs.ids[2 * taken.pair + 1]]
    const [left, right] = [tokens[leftId], tokens[rightId]]
    const [leftCount, rightCount] = [state.tokenCounts[leftId], state.tokenCounts[rightId]]
    const token = left + (right.startsWith(continuingPrefix) ? right.slice(continuingPrefix.length) : right)
    const id = ids.get(token) ?? tokens.length
    const isNew = id === tokens.length
    if (isNew) {
      tokens.push(token)
      ids.set(token, id)
    }
    const { count } = taken
    const score = isRatio ? count / (leftCount * rightCount) : count
    options.onMerge({ left, right, token, id, isNew, count, leftCount, rightCount, score }, tokens.length)
    state.merge(leftId, rightId, id, taken.words, order)
  }
  return tokens
}

/** Characters of the words, and those inside words with the prefix; of too many characters the rarest are left out. */
export function wordPieceAlphabet(
  words: ReadonlyMap<string, number>,
  { continuingPrefix, limitAlphabet }: Pick<LearnWordPiecesOptions, 'continuingPrefix' | 'limitAlphabet'>,
): string[] {
  // Numbers are found faster than strings of one character.
  const counts = new Map<number, number>()
  const inside = new Set<number>()
  for (const [word, count] of words) {
    for (let at = 0; at < word.length; at += sizeAt(word, at)) {
      const code = word.codePointAt(at)!
      counts.set(code, (counts.get(code) ?? 0) + count)
      if (at > 0) inside.add(code)
    }
  }
  const kept = [...counts]
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, limitAlphabet)
    .map(([code]) => code)
    .sort((a, b) => a - b)
  return [
    ...kept.map((code) => String.fromCodePoint(code)),
    ...kept.filter((code) => inside.has(code)).map((code) => continuingPrefix + String.fromCodePoint(code)),
  ]
}

/** Code units of the character at a place. */
function sizeAt(text: string, at: number): number {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1
}

/** Words as ids of their characters; characters that are not in the alphabet are left out. */
function countedWords(
  words: ReadonlyMap<string, number>,
  alphabet: readonly string[],
  ids: ReadonlyMap<string, number>,
  continuingPrefix: string,
): CountedWord[] {
  const first = new Map<number, number>()
  const inside = new Map<number, number>()
  for (const token of alphabet) {
    const code = token.codePointAt(0)!
    if (token.length > sizeAt(token, 0)) continue
    first.set(code, ids.get(token)!)
    // Characters that only begin words have none.
    const id = ids.get(continuingPrefix + token)
    if (id !== undefined) inside.set(code, id)
  }
  return Array.from(words, ([word, count]) => {
    const known: number[] = []
    for (let at = 0; at < word.length; at += sizeAt(word, at)) {
      const id = (at === 0 ? first : inside).get(word.codePointAt(at)!)
      if (id !== undefined) known.push(id)
    }
    return { ids: known, count }
  })
}
