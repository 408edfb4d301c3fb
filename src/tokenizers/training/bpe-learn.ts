import type { TokenBytes } from '../models/bpe/token-bytes.ts'
import { PairTable } from '../pair-table.ts'
import { BpePairs, type PairTies } from './bpe-pairs.ts'
import { BpeWords } from './bpe-words.ts'

/**
 * Which of equally frequent pairs is merged: the one with the lowest ids (Hugging Face's trainer), the one whose tokens
 * are greatest as bytes, the left before the right (the reference of Stanford's CS336), or the one that is seen first when
 * all pairs are counted anew over the text in order (minbpe).
 */
export type TieRule = 'lowest ids' | 'greatest bytes' | 'first seen'

export interface LearnedMerge {
  readonly left: number
  readonly right: number
  /** What they became. Two pairs can spell the same token; the second then uses its id. */
  readonly id: number
  /** How often the pair occurred. */
  readonly count: number
}

export interface LearnOptions {
  /** The first id of new tokens. */
  readonly firstId: number
  /** Adds the words, in the order in which they appear in the text. */
  readonly fill: (words: BpeWords) => void
  readonly ties: TieRule
  /** New tokens wanted. */
  readonly tokens: number
  readonly leastCount: number
  readonly onMerge: (done: number) => void
}

/**
 * Learns merges from counted words. Counts of pairs are kept up to date while words are merged; a queue gives the most
 * frequent pair and knows the words in which it occurs, so that a merge visits those words alone.
 *
 * Equal to Hugging Face's trainer, including its treatment of two pairs that spell the same token: the second reuses the
 * id and makes no token, and so a pair may merge a second time.
 *
 * @param tokens the alphabet; new tokens are added
 */
export function learnMerges(tokens: TokenBytes, options: LearnOptions): LearnedMerge[] {
  const pairs = new PairTable(1 << 14)
  const words = new BpeWords(pairs)
  options.fill(words)
  const sizes: number[] = []
  const queue: BpePairs = new BpePairs(tieRule(options.ties))
  words.announce(queue)
  const merges: LearnedMerge[] = []
  let learned = 0
  while (learned < options.tokens) {
    const top = queue.pop(options.leastCount)
    if (top === undefined) break
    const left = pairs.ids[2 * top.pair]
    const right = pairs.ids[2 * top.pair + 1]
    const fresh = options.firstId + learned
    const id = tokens.add(fresh, joined(tokens.bytesOf(left)!, tokens.bytesOf(right)!))
    if (id === fresh) {
      sizes[id] = sizeOf(left) + sizeOf(right)
      options.onMerge(++learned)
    }
    merges.push({ left, right, id, count: top.count })
    words.merge(left, right, id, top.words, queue)
  }
  return merges

  function sizeOf(id: number): number {
    return sizes[id] ?? 1
  }

  function tieRule(rule: TieRule): PairTies {
    const leftOf = (pair: number) => pairs.ids[2 * pair]
    const rightOf = (pair: number) => pairs.ids[2 * pair + 1]
    if (rule === 'lowest ids') return { key: (pair) => leftOf(pair) * 2 ** 22 + rightOf(pair) }
    if (rule === 'greatest bytes') {
      const order = (a: number, b: number) => compared(tokens.bytesOf(a)!, tokens.bytesOf(b)!)
      return {
        key: () => 0,
        isBefore: (a, b) => (order(leftOf(a), leftOf(b)) || order(rightOf(a), rightOf(b))) > 0,
      }
    }
    return {
      key(pair, list) {
        for (let node = list; node >= 0; node = queue.nextWord(node)) {
          const place = words.placeOf(queue.wordAt(node), leftOf(pair), rightOf(pair), sizeOf)
          if (place >= 0) return place
        }
        return Number.POSITIVE_INFINITY
      },
    }
  }
}

/** Below 0, 0, or above 0, as the first comes before, with, or after the second. */
function compared(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return a.length - b.length
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}
