import { random } from '../../src/base/index.ts'

// Short texts that meet the places where tokenizers differ.

const fragments = [
  ' ', '  ', '   ', '\t', '\n', '\r', '\r\n', '\n\n', ' \n', '\v', '\f', '\u0085', '\u00a0', '\u1680', '\u2002', '\u2009',
  '\u2028', '\u2029', '\u202f', '\u205f', '\u3000', '\u180e', '\u200b', '\ufeff', '\0', '\x1c', '\x1f', '\x7f', '\xad',
  "'s", "'S", "'t", "'re", "'RE", "'vE", "'m", "'ll", "'LL", "'Ll", "'d", "'D", "'\u017f", "'x", "'", "''", '’s', '’',
  'a', 'b', 'Z', 'the', ' The', 'THE', 'hello', 'World', 'hasOwnProperty', 'constructor', '__proto__', 'toString',
  'é', 'e\u0301', 'ß', 'ﬁ', 'İ', 'ı', 'Ǆ', 'ǅ', 'ǆ', 'ʰ', 'ª', 'Å', '\u212b', 'ſ', 'K', '\u0345', '\u0308', '\u20dd',
  'ә', 'Ә', 'ғ', 'Қ', 'ң', 'ө', 'ұ', 'Ү', 'һ', 'і', 'сәлем', 'Қазақстан', 'тіл', 'мектептеріміздегілер', ' бала',
  '0', '1', '12', '123', '1234', '٣', '४', '𝟙', 'Ⅳ', '½', '²', '〇', '一', '二', '中', '文', '，', '。', 'か', 'カ', 'ｶﾞ', '한', '글',
  'ᄒ', 'ᅡ', 'ᆫ', 'ไทย', 'ที่', 'ع', 'ربي', 'ש', 'देव', 'क्ष', 'ா', 'ြ',
  '.', ',', '!', '?', '-', '—', '…', '/', '//', '\\', '(', ')', '()', '{', '}', '[]', '<', '>', '<|', '|>', '_', '__', '#',
  '"', '`', '=', '==', '+', '$', '€', '^', '~', '&', '@', '%', '*', ':', ';', '::', '️', '\u200d', '🙂', '👩‍👩‍👧', '🇰🇿', '👍🏽', '\u{10ffff}',
  '\ue000', '\ufffd', '\ufffe', '\u{1f1e6}', '𝒜', '𐐀', '\u{e0101}', '▁', 'Ġ', 'Ċ', '##', '[UNK]', '<s>', '</s>', '<unk>',
] // biome-ignore format: a list of fragments

/**
 * Well-formed texts, the same for the same seed. Most characters come from places where tokenizers differ, some from all of
 * Unicode.
 *
 * @param more fragments of a test's own
 */
export function* fuzzTexts(seed: number, count: number, more: readonly string[] = []): Generator<string> {
  const rng = random(seed)
  const all = [...fragments, ...more]
  for (let i = 0; i < count; i++) {
    const parts = 1 + rng.integer(1 + rng.integer(24))
    let text = ''
    for (let j = 0; j < parts; j++) {
      const kind = rng.next()
      if (kind < 0.9) text += all[rng.integer(all.length)]
      else text += scalar(rng.integer(kind < 0.95 ? 0x3000 : scalarCount))
    }
    yield text
  }
}

const surrogates = { first: 0xd800, count: 0x800 }

/** How many Unicode scalar values there are. */
export const scalarCount = 0x110000 - surrogates.count

/** The n-th Unicode scalar value. */
export const scalar = (n: number): string => String.fromCodePoint(n < surrogates.first ? n : n + surrogates.count)

/** Almost all that Unicode has named lies in the first two planes; the rest is of one kind, but for a few hundred. */
export const isNamed = (n: number): boolean => n < 0x20000 || n % 37 === 0

/**
 * Scalar values in order, joined into texts, each within a surrounding.
 *
 * @param around makes the surrounding of one, such as letters on both sides
 * @param which leaves out those that it is false for; all when absent
 * @param size how many a text holds at most
 */
export function* sweepTexts(
  around: (character: string) => string,
  which?: (n: number) => boolean,
  size = 1 << 14,
): Generator<string> {
  for (let start = 0; start < scalarCount; start += size) {
    const parts: string[] = []
    for (let n = start; n < Math.min(start + size, scalarCount); n++) {
      if (which === undefined || which(n)) parts.push(around(scalar(n)))
    }
    if (parts.length > 0) yield parts.join('')
  }
}
