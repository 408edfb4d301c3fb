import { concatenated, type Numbers } from '../base/index.ts'

/**
 * Tokens of a text and everything that is known of them. All lists have one entry for each token.
 */
export interface Encoding {
  readonly ids: Uint32Array
  /** The spelling of each token in files; for an added token the text that it was found as, stripped spaces included. */
  readonly tokens: readonly string[]
  /** Where each token stands in the text it comes from, in the asked {@link OffsetUnit}; 0 and 0 for added tokens. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** 0 for the first text, 1 for the second of a pair, or what the post-processor says. */
  readonly typeIds: Uint32Array
  /** 1 for tokens that the post-processor or padding added, 0 for tokens of the text. */
  readonly specialMask: Uint8Array
  /** 0 for padding, 1 for everything else. */
  readonly attentionMask: Uint8Array
  /** The number of the piece that the token is part of; −1 for added tokens. */
  readonly words: Int32Array
  /** 0 or 1: the text that the token comes from; −1 for added tokens. */
  readonly sequences: Int8Array
  /** What truncation cut off, in windows of the same length that overlap by the stride. */
  readonly overflow: readonly Encoding[]
}

/** Code points (Python's characters), UTF-16 code units (JavaScript's), or bytes of UTF-8. */
export type OffsetUnit = 'codePoints' | 'codeUnits' | 'bytes'

/** Tokens that stand in no text, as post-processors and padding put them around it. */
export function addedEncoding(
  ids: readonly number[],
  tokens: readonly string[],
  { typeId, attention = 1 }: { typeId: number; attention?: 0 | 1 },
): Encoding {
  const n = ids.length
  return {
    ids: Uint32Array.from(ids),
    tokens,
    starts: new Uint32Array(n),
    ends: new Uint32Array(n),
    typeIds: new Uint32Array(n).fill(typeId),
    specialMask: new Uint8Array(n).fill(1),
    attentionMask: new Uint8Array(n).fill(attention),
    words: new Int32Array(n).fill(-1),
    sequences: new Int8Array(n).fill(-1),
    overflow: [],
  }
}

/** The tokens from `start` up to `end`, without overflow. */
export function slicedEncoding(encoding: Encoding, start: number, end: number): Encoding {
  return ofColumns(encoding, (column) => encoding[column].slice(start, end))
}

/**
 * Encodings one after the other. Their windows of overflow are combined: each window of the left with the right and with
 * each of its windows, then the left with each window of the right.
 */
export function joinedEncodings(encodings: readonly Encoding[]): Encoding {
  const none = [[addedEncoding([], [], { typeId: 0 })]]
  const [whole, ...overflow] = encodings
    .map((encoding) => [[encoding], ...encoding.overflow.map((window) => [window])])
    .reduce(
      ([left, ...leftWindows], [right, ...rightWindows]) => [
        [...left, ...right],
        ...leftWindows.flatMap((window) => [right, ...rightWindows].map((other) => [...window, ...other])),
        ...rightWindows.map((window) => [...left, ...window]),
      ],
      none,
    )
    .map(chained)
  return { ...whole, overflow }
}

function chained(parts: readonly Encoding[]): Encoding {
  return ofColumns(parts[0], (column) => {
    if (column === 'tokens') return parts.flatMap(({ tokens }) => tokens)
    const columns: Numbers[] = parts.map((part) => part[column])
    return concatenated(columns[0].constructor as new (length: number) => Numbers, columns)
  })
}

type Column = Exclude<keyof Encoding, 'overflow'>

/** An encoding with the columns of another, each made anew, and no overflow. */
function ofColumns(like: Encoding, make: (column: Column) => Encoding[Column]): Encoding {
  const names = Object.keys(like).filter((name): name is Column => name !== 'overflow')
  return {
    ...(Object.fromEntries(names.map((name) => [name, make(name)])) as Omit<Encoding, 'overflow'>),
    overflow: [],
  }
}
