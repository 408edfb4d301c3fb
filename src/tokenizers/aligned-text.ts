/**
 * A text on its way to tokens, and where each of its code units stands in the original. A part of a text is an aligned
 * text too. Where nobody asks for offsets, `origins` is absent and stages rewrite plain strings.
 */
export interface AlignedText {
  /** Well formed: no lone surrogates. */
  readonly text: string
  /** Whether what this begins with comes from the first character of the original; the metaspace asks. */
  readonly isFirst: boolean
  readonly origins?: Origins
}

/**
 * For each code unit of a text, the range of code units of the original that it stands for. All code units of one
 * character have the same range; ranges of what was inserted repeat that of the character before.
 */
export interface Origins {
  /** `[text.length]` */
  readonly starts: Int32Array
  /** `[text.length]` */
  readonly ends: Int32Array
}

/**
 * The original text itself.
 *
 * @param tracked whether offsets will be asked for
 */
export function alignedText(text: string, tracked: boolean): AlignedText {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  if (!tracked) return { text: whole, isFirst: true }
  const starts = new Int32Array(whole.length)
  const ends = new Int32Array(whole.length)
  for (let i = 0; i < whole.length; ) {
    const end = i + ((whole.charCodeAt(i) & 0xfc00) === 0xd800 ? 2 : 1)
    starts.fill(i, i, end)
    ends.fill(end, i, end)
    i = end
  }
  return { text: whole, isFirst: true, origins: { starts, ends } }
}

/** The part from code unit `start` up to `end`. */
export function slicedText(whole: AlignedText, start: number, end: number): AlignedText {
  const { text, isFirst, origins } = whole
  return {
    text: text.slice(start, end),
    isFirst: origins ? origins.starts[start] === 0 : isFirst && start === 0,
    origins: origins && { starts: origins.starts.subarray(start, end), ends: origins.ends.subarray(start, end) },
  }
}

/** What a normalizer (a `Normalizer` of stages.ts) makes of a text. */
export function normalizedText(
  before: AlignedText,
  normalizer: { normalize(text: string, sources?: number[], sourceEnds?: number[]): string },
): AlignedText {
  const { origins, isFirst } = before
  if (origins === undefined) return { text: normalizer.normalize(before.text), isFirst }
  const sources: number[] = []
  const sourceEnds: number[] = []
  const text = normalizer.normalize(before.text, sources, sourceEnds)
  const starts = new Int32Array(text.length)
  const ends = new Int32Array(text.length)
  for (let i = 0; i < text.length; i++) {
    // What is inserted before everything stands for nothing, at its beginning.
    if (sources[i] < 0) {
      starts[i] = ends[i] = origins.starts[0] ?? 0
      continue
    }
    const end = sourceEnds[i] ?? sources[i] + 1
    // What is put behind everything comes from the end of the text.
    starts[i] = sources[i] < before.text.length ? origins.starts[sources[i]] : (origins.ends.at(-1) ?? 0)
    ends[i] = end > sources[i] ? origins.ends[end - 1] : starts[i]
  }
  return { text, isFirst: starts[0] === 0, origins: { starts, ends } }
}
