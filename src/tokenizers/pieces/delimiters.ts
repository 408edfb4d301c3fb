import { type AlignedText, slicedText } from '../aligned-text.ts'

/**
 * What becomes of delimiters between pieces; `the-final--cut` at `-` gives
 *
 * - removed: `the`, `final`, `cut`
 * - isolated: `the`, `-`, `final`, `-`, `-`, `cut`
 * - mergedWithPrevious: `the-`, `final-`, `-`, `cut`
 * - mergedWithNext: `the`, `-final`, `-`, `-cut`
 * - contiguous: `the`, `-`, `final`, `--`, `cut`
 */
export type SplitBehavior = 'removed' | 'isolated' | 'mergedWithPrevious' | 'mergedWithNext' | 'contiguous'

/** How tokenizer.json spells it. */
export function behaviorJson(behavior: SplitBehavior): string {
  return behavior[0].toUpperCase() + behavior.slice(1)
}

/** Whether two neighbours are one piece, by whether each of them is a delimiter. */
const joins: Readonly<Record<SplitBehavior, (before: boolean, after: boolean) => boolean>> = {
  removed: () => false,
  isolated: () => false,
  mergedWithPrevious: (before, after) => !before && after,
  mergedWithNext: (before, after) => before && !after,
  contiguous: (before, after) => before === after,
}

/** A text that is being cut from left to right. */
interface Cutting {
  /** The next part goes up to `end`, and may be empty. */
  part(end: number, isDelimiter: boolean): void
  pieces(): AlignedText[]
}

export function cutting(whole: AlignedText, behavior: SplitBehavior): Cutting {
  const list: AlignedText[] = []
  const joined = joins[behavior]
  let start = 0
  let at = 0
  let wasDelimiter: boolean | undefined
  const cut = () => {
    if (start < at && !(behavior === 'removed' && wasDelimiter)) list.push(slicedText(whole, start, at))
    start = at
  }
  return {
    part(end, isDelimiter) {
      if (wasDelimiter !== undefined && !joined(wasDelimiter, isDelimiter)) cut()
      wasDelimiter = isDelimiter
      at = end
    },
    pieces() {
      cut()
      return list
    },
  }
}

/** Cuts at characters, each of them a delimiter of its own. */
export function cutAtCharacters(
  whole: AlignedText,
  isDelimiter: (codePoint: number) => boolean,
  behavior: SplitBehavior,
): AlignedText[] {
  const { text } = whole
  const { part, pieces } = cutting(whole, behavior)
  let done = 0
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    const end = at + (code > 0xffff ? 2 : 1)
    if (isDelimiter(code)) {
      if (done < at) part(at, false)
      part(end, true)
      done = end
    }
    at = end
  }
  if (done < text.length) part(text.length, false)
  return pieces()
}
