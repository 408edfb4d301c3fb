import { categories, isIn, marks } from '../unicode/categories.ts'
import { composed, decomposed, isCombining, isReordered, type NormalForm } from '../unicode/normal-forms.ts'

/** A character on its way to a normal form. */
interface Item {
  readonly code: number
  /** How many characters of the text it stands for; 0 for what follows the first character of a decomposition. */
  readonly taken: number
  /** Grows with the canonical combining class; 0 where that is 0. */
  readonly rank: number
}

/**
 * A text in a normal form, made step by step, which tells where each character comes from: decompositions are sorted, then
 * joined, and what comes out takes characters from the text in order, as many as it stands for.
 * Source: Unicode Standard Annex 15; alignment as in Rust's unicode-normalization-alignments, which also knows no
 * characters newer than Unicode 9.
 * Cost: linear, but for n marks in a row n·log n steps. Engines take n² where these are out of order.
 */
export function normalFormBySteps(text: string, form: NormalForm, sources?: number[]): string {
  const joins = form === 'NFC' || form === 'NFKC'
  const decomposition = form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD'
  let out = ''
  /** Characters up to here are taken. */
  let taken = 0

  function put(item: Item): void {
    const source = item.taken === 0 ? taken - 1 : taken
    for (let n = item.taken; n > 0; n--) taken += text.codePointAt(taken)! > 0xffff ? 2 : 1
    out += String.fromCodePoint(item.code)
    sources?.push(source)
    if (item.code > 0xffff) sources?.push(source)
  }

  /** What others may be joined to, and the marks after it that were not. */
  let base: Item | undefined
  let unjoined: Item[] = []

  function release(): void {
    if (base !== undefined) put(base)
    unjoined.forEach(put)
    base = undefined
    unjoined = []
  }

  function join(item: Item): void {
    if (base === undefined && item.rank > 0) {
      put(item)
      return
    }
    // A mark is blocked by one before it that is not of a lower class.
    if (base !== undefined && mayJoin(item) && (unjoined.length === 0 || unjoined.at(-1)!.rank < item.rank)) {
      const code = composed(base.code, item.code)
      if (code !== undefined) {
        base = { code, taken: base.taken + item.taken, rank: 0 }
        return
      }
    }
    if (item.rank > 0) unjoined.push(item)
    else {
      release()
      base = item
    }
  }

  let run: Item[] = []
  function flush(): void {
    if (run.some((item, i) => i > 0 && item.rank < run[i - 1].rank)) run.sort((a, b) => a.rank - b.rank)
    run.forEach(joins ? join : put)
    run = []
  }

  const rankOf = markRanks()
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    if (code < 0x80) {
      // ASCII before ASCII is left as it is.
      let end = at + 1
      while (end < text.length && text.charCodeAt(end) < 0x80) end++
      if (end - at > 1) {
        flush()
        release()
        out += text.slice(at, end - 1)
        if (sources !== undefined) for (let i = at; i < end - 1; i++) sources.push(i)
        at = taken = end - 1
      }
      flush()
      run.push({ code: text.charCodeAt(at++), taken: 1, rank: 0 })
      continue
    }
    at += code > 0xffff ? 2 : 1
    let first = 1
    for (const character of decomposed(code, decomposition)) {
      const part = character.codePointAt(0)!
      const rank = rankOf.get(part) ?? 0
      if (rank === 0) flush()
      run.push({ code: part, taken: first, rank })
      first = 0
    }
  }
  flush()
  release()
  return out
}

/** Whether there are characters to which this one can be joined. Most have none. */
function mayJoin({ code, rank }: Item): boolean {
  // Of what is no mark, only vowels and finals of Hangul.
  return rank > 0 || (code > 0x7f && ((code >= 0x1161 && code <= 0x11c2) || isIn(code, marks, 9)))
}

let ranks: Map<number, number> | undefined

/** Marks that are not decomposed, by combining class; 0 is left out. */
function markRanks(): ReadonlyMap<number, number> {
  if (ranks !== undefined) return ranks
  const all: number[] = []
  categories(9).forEach((category, code) => {
    if ((marks >>> category) & 1 && isCombining(code)) all.push(code)
  })
  all.sort((a, b) => (isReordered(a, b) ? 1 : isReordered(b, a) ? -1 : 0))
  ranks = new Map()
  let rank = 1
  all.forEach((code, i) => {
    if (i > 0 && isReordered(code, all[i - 1])) rank++
    ranks!.set(code, rank)
  })
  return ranks
}
