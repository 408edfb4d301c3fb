/** The code page as which UTF-8 was read: windows-1252 (and Latin-1), windows-1251. */
export type CodePage = 'western' | 'cyrillic'

const western =
  '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ' +
  String.fromCharCode(...Array.from({ length: 96 }, (_, i) => 0xa0 + i))
const cyrillic =
  'ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\x98™љ›њќћџ\xa0ЎўЈ¤Ґ¦§Ё©Є«¬\xad®Ї°±Ііґµ¶·ё№є»јЅѕї' +
  String.fromCharCode(...Array.from({ length: 64 }, (_, i) => 0x410 + i))

/** For each code unit its byte; 0 for those that the code page has not. */
function bytesOf(characters: string, further: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(0x10000)
  for (const byte of further) bytes[byte] = byte
  for (let i = 0; i < characters.length; i++) bytes[characters.charCodeAt(i)] = 0x80 + i
  return bytes
}

const bytes: Readonly<Record<CodePage, Uint8Array>> = {
  // Latin-1 has control characters where windows-1252 has marks.
  western: bytesOf(
    western,
    Array.from({ length: 32 }, (_, i) => 0x80 + i),
  ),
  cyrillic: bytesOf(cyrillic),
}

/**
 * Whether a code unit points to a misread character when {@link isOddSecond} says so of the next. Left out are letters
 * that often stand before a mark, é and è, and what would begin characters that are not mended.
 */
export function isOddFirst(page: CodePage, unit: number): boolean {
  const byte = bytes[page][unit]
  if (page === 'cyrillic') return (byte >= 0xd0 && byte <= 0xd3) || byte === 0xc2 || byte === 0xe2 || byte === 0xf0
  return byte >= 0xc2 && byte <= 0xf0 && byte !== 0xe8 && byte !== 0xe9
}

/** A byte that goes on with a character, and is neither space nor, in Cyrillic, a letter or mark of ordinary text. */
export function isOddSecond(page: CodePage, unit: number): boolean {
  const byte = bytes[page][unit]
  if (byte === 0 || byte >= 0xc0 || byte === 0xa0 || byte === 0xad) return false
  return page === 'western' || !'ЁёІіЇїЄєҐґЎў«»„“”’…–—№'.includes(String.fromCharCode(unit))
}

/** How sure it is that a chunk is UTF-8 that was misread. */
const isCertain = 2
const isPossible = 1

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Mends text whose UTF-8 was read as another code page: `â€™` to `’`, `Ð¡Ó™Ð»ÐµÐ¼` and `РЎУ™Р»РµРј` to `Сәлем`.
 *
 * A chunk between spaces is mended as a whole or not at all: all its characters beyond ASCII must be bytes of the code
 * page that together are UTF-8, and what they say must be letters or punctuation that people use. So mending can be undone
 * without loss. A chunk that could also be meant (`PERÚ”`) is mended only where two others are beyond doubt.
 *
 * @returns the text and how many chunks were mended
 * Cost: linear; only for texts that {@link suspects} points out.
 *
 * @example
 * mended('itâ€™s', 'western') // { text: 'it’s', chunks: 1 }
 * mended('«CAFÉ»', 'western') // { text: '«CAFÉ»', chunks: 0 }
 */
export function mended(text: string, page: CodePage): { text: string; chunks: number } {
  const verdicts = new Map<string, Verdict | undefined>()
  let certain = 0
  // Odd spaces may be bytes, so chunks are set apart by those of ASCII alone.
  for (const [chunk] of text.matchAll(/[^ \t\n\r]+/g)) {
    if (!verdicts.has(chunk)) verdicts.set(chunk, verdictOn(chunk, page))
    if (verdicts.get(chunk)?.sure === isCertain) certain++
  }
  if (certain === 0) return { text, chunks: 0 }
  let chunks = 0
  const result = text.replace(/[^ \t\n\r]+/g, (chunk) => {
    const verdict = verdicts.get(chunk)
    if (verdict === undefined || (verdict.sure !== isCertain && certain < 2)) return chunk
    chunks++
    return verdict.text
  })
  return { text: result, chunks }
}

interface Verdict {
  readonly text: string
  readonly sure: typeof isCertain | typeof isPossible
}

function verdictOn(chunk: string, page: CodePage): Verdict | undefined {
  const raw = new Uint8Array(chunk.length)
  // How many bytes the character still needs: most chunks fail here.
  let rest = 0
  let isAscii = true
  for (let i = 0; i < chunk.length; i++) {
    const unit = chunk.charCodeAt(i)
    const byte = unit < 0x80 ? unit : bytes[page][unit]
    const goesOn = byte >= 0x80 && byte < 0xc0
    if ((unit >= 0x80 && byte === 0) || goesOn !== rest > 0) return
    if (goesOn) rest--
    else if (byte >= 0xc2) rest = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    else if (byte >= 0x80) return
    if (byte >= 0x80) isAscii = false
    raw[i] = byte
  }
  if (isAscii || rest > 0) return
  let text: string
  try {
    text = decoder.decode(raw)
  } catch {
    return
  }
  const characters = Array.from(text).filter((character) => character > '\x7f')
  if (!characters.every((character) => punctuation.test(character) || letters.test(character))) return
  const long = characters.filter((character) => character >= '\u0800').length
  if (page === 'cyrillic') {
    // Ukrainian and Belarusian letters are bytes as well; marks and Serbian letters do not stand there by themselves.
    const hasOdd = /[^\0-\x7fА-яЁёІіЇїЄєҐґЎў]/.test(chunk)
    return { text, sure: hasOdd && (long > 0 || characters.length > 1) ? isCertain : isPossible }
  }
  const foreign = characters.filter((character) => letters.test(character) && !punctuation.test(character)).length
  if (foreign > 0) return { text, sure: foreign > 1 && !/[A-Za-z]/.test(chunk) ? isCertain : isPossible }
  const doubtful = chunk.match(doubtfulPairs)?.length ?? 0
  return { text, sure: doubtful < characters.length ? isCertain : isPossible }
}

/** What may also be the end of a word in capitals with a mark behind it, or a letter before a closing mark. */
const doubtfulPairs = /[A-ZÀ-Þ][Â-ß][^A-Za-z]|[Â-ß][»”’…›“–—]/g

/** Latin letters with marks, punctuation, signs, emoji: what stands among ASCII; and what is still misread. */
const punctuation =
  /[\u0080-\u017f\u0192\u02c6\u02dc\u2010-\u203a\u20a0-\u20bf\u2116\u2122\u2190-\u2193\u{1f300}-\u{1faff}]/u
/** Letters of scripts that stand by themselves. */
const letters =
  /[\u0370-\u04ff\u0531-\u0587\u05d0-\u05ea\u0600-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u10a0-\u10ff\u3001-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/u
