import { categories, categoryMask, isWhiteSpace } from '../../unicode/categories.ts'

/**
 * What scanners share: the kinds of characters that patterns tell apart, read from UTF-8, and runs of them. A set of
 * kinds is a mask with bit k for kind k.
 */
export const kind = {
  /** Control, format, private use, unassigned; and each byte that is not UTF-8. */
  other: 0,
  /** \p{P} and \p{S}. */
  sign: 1,
  /** \p{Lu} and \p{Lt}. */
  upper: 2,
  /** \p{Ll}. */
  lower: 3,
  /** \p{Lm} and \p{Lo}. */
  caseless: 4,
  /** \p{M}. */
  mark: 5,
  /** \p{N}. */
  number: 6,
  /** \s without carriage return and line feed. */
  space: 7,
  /** Carriage return and line feed. */
  newline: 8,
} as const

/** The set of some kinds. */
export function kinds(...members: readonly number[]): number {
  return members.reduce((mask, member) => mask | (1 << member), 0)
}
export const letter = kinds(kind.upper, kind.lower, kind.caseless)
export const anySpace = kinds(kind.space, kind.newline)
export const anyNumber = kinds(kind.number)
export const anyNewline = kinds(kind.newline)

let table: Uint8Array | undefined

/** The kind of each code point: `[0x110000]`, not to be written to. */
export function characterKinds(): Uint8Array {
  table ??= allKinds()
  return table
}

function allKinds(): Uint8Array {
  const ofCategory = new Uint8Array(30)
  const parts: readonly (readonly [string, number])[] = [
    ['P', kind.sign],
    ['S', kind.sign],
    ['Lu', kind.upper],
    ['Lt', kind.upper],
    ['Ll', kind.lower],
    ['Lm', kind.caseless],
    ['Lo', kind.caseless],
    ['M', kind.mark],
    ['N', kind.number],
    ['Z', kind.space],
  ]
  for (const [name, which] of parts) {
    for (let k = 0; k < 30; k++) if ((categoryMask(name)! >>> k) & 1) ofCategory[k] = which
  }
  const all = categories().slice()
  // A plain loop: it is waited for, and a million calls would take three times as long.
  for (let code = 0; code < all.length; code++) all[code] = ofCategory[all[code]]
  for (let code = 0; code < 0x100; code++) if (isWhiteSpace(code)) all[code] = kind.space
  all[0x0a] = kind.newline
  all[0x0d] = kind.newline
  return all
}

/**
 * The character at `at`: 8 times its kind, plus its length in bytes.
 *
 * @param table as of {@link characterKinds}
 * @param limit where the bytes end; a character that is cut there is not UTF-8
 */
export function characterAt(bytes: Uint8Array, at: number, limit: number, table: Uint8Array): number {
  // Small, so that it becomes part of what calls it.
  const first = bytes[at]
  return first < 0x80 ? (table[first] << 3) | 1 : longCharacterAt(bytes, at, limit, table)
}

function longCharacterAt(bytes: Uint8Array, at: number, limit: number, table: Uint8Array): number {
  const first = bytes[at]
  if (first < 0xe0) {
    if (first < 0xc2 || at + 1 >= limit) return notUtf8
    const second = bytes[at + 1]
    return (second & 0xc0) === 0x80 ? (table[((first & 0x1f) << 6) | (second & 0x3f)] << 3) | 2 : notUtf8
  }
  if (first < 0xf0) {
    if (at + 2 >= limit) return notUtf8
    const second = bytes[at + 1]
    const third = bytes[at + 2]
    if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) return notUtf8
    const code = ((first & 0xf) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
    return code < 0x800 || (code & 0xf800) === 0xd800 ? notUtf8 : (table[code] << 3) | 3
  }
  if (at + 3 >= limit || first > 0xf4) return notUtf8
  let code = first & 7
  for (let i = 1; i < 4; i++) {
    if ((bytes[at + i] & 0xc0) !== 0x80) return notUtf8
    code = (code << 6) | (bytes[at + i] & 0x3f)
  }
  return code < 0x10000 || code > 0x10ffff ? notUtf8 : (table[code] << 3) | 4
}
const notUtf8 = (kind.other << 3) | 1

/** Where the characters end, from `at` on, whose kinds are in `mask`. */
export function runEnd(bytes: Uint8Array, at: number, limit: number, table: Uint8Array, mask: number): number {
  // Small like characterAt; most runs are short, and ASCII throughout.
  let end = at
  while (end < limit && bytes[end] < 0x80) {
    if (((mask >>> table[bytes[end]]) & 1) === 0) return end
    end++
  }
  return end < limit ? longRunEnd(bytes, end, limit, table, mask) : end
}

function longRunEnd(bytes: Uint8Array, at: number, limit: number, table: Uint8Array, mask: number): number {
  let end = at
  while (end < limit) {
    const byte = bytes[end]
    if (byte < 0x80) {
      if (((mask >>> table[byte]) & 1) === 0) break
      end++
      continue
    }
    // Most scripts have characters of two bytes or of three; what is no UTF-8 among them is left to longCharacterAt.
    const second = end + 1 < limit ? bytes[end + 1] ^ 0x80 : 0xff
    if (second < 0x40 && byte < 0xe0 && byte >= 0xc2) {
      if (((mask >>> table[((byte & 0x1f) << 6) | second]) & 1) === 0) break
      end += 2
      continue
    }
    const third = end + 2 < limit ? bytes[end + 2] ^ 0x80 : 0xff
    // E0 and ED have second bytes that are not UTF-8.
    if (second < 0x40 && third < 0x40 && byte > 0xe0 && byte < 0xed) {
      if (((mask >>> table[((byte & 0xf) << 12) | (second << 6) | third]) & 1) === 0) break
      end += 3
      continue
    }
    const character = longCharacterAt(bytes, end, limit, table)
    if (((mask >>> (character >>> 3)) & 1) === 0) break
    end += character & 7
  }
  return end
}

/** Where the last whole character ends when more bytes will come: what begins after it is cut at `limit`. */
export function wholeEnd(bytes: Uint8Array, limit: number): number {
  return bytes[limit - 1] < 0x80 ? limit : cutCharacter(bytes, limit)
}

/** Where a character begins that promises more bytes than there are; whether they will be UTF-8 is seen later. */
function cutCharacter(bytes: Uint8Array, limit: number): number {
  for (let start = limit - 1; start >= 0 && start >= limit - 3; start--) {
    const first = bytes[start]
    if ((first & 0xc0) === 0x80) continue
    const promised = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
    return start + promised > limit ? start : limit
  }
  return limit
}
