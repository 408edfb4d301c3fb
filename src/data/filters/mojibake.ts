/** The code page as which UTF-8 was read: windows-1252 (and Latin-1), windows-1251. */
export type CodePage = 'western' | 'cyrillic'

const western =
  '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ' +
  String.fromCharCode(...Array.from({ length: 96 }, (_, i) => 0xa0 + i))
const cyrillic =
  'ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\x98™љ›њќћџ\xa0ЎўЈ¤Ґ¦§Ё©Є«¬\xad®Ї°±Ііґµ¶·ё№є»јЅѕї' +
  String.fromCharCode(...Array.from({ length: 64 }, (_, i) => 0x410 + i))

const bytes: Readonly<Record<CodePage, ReadonlyMap<number, number>>> = {
  western: new Map([
    ...Array.from({ length: 32 }, (_, i): [number, number] => [0x80 + i, 0x80 + i]),
    ...Array.from(western, (character, i): [number, number] => [character.charCodeAt(0), 0x80 + i]),
  ]),
  cyrillic: new Map(Array.from(cyrillic, (character, i) => [character.charCodeAt(0), 0x80 + i])),
}

/** Whether a code unit may be the first byte of a character of UTF-8. */
export function isLead(page: CodePage, unit: number): boolean {
  const byte = bytes[page].get(unit) ?? 0
  return byte >= 0xc2 && byte <= 0xf4
}

/** Whether a code unit may be a further byte of a character of UTF-8. */
export function isContinuation(page: CodePage, unit: number): boolean {
  return (bytes[page].get(unit) ?? 0xff) < 0xc0
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
  if (/^[\0-\x7f]*$/.test(chunk)) return
  const raw = new Uint8Array(chunk.length)
  for (let i = 0; i < chunk.length; i++) {
    const unit = chunk.charCodeAt(i)
    const byte = unit < 0x80 ? unit : bytes[page].get(unit)
    if (byte === undefined) return
    raw[i] = byte
  }
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
  // A capital before a capital: the end of a word in capitals, perhaps, with a mark behind it.
  const isDoubtful = long < characters.length && /[A-ZÀ-Þ][Â-ß]/.test(chunk)
  return { text, sure: isDoubtful ? isPossible : isCertain }
}

/** Latin letters with marks, punctuation, signs, emoji: what stands among ASCII. */
const punctuation = /[\u00a0-\u017f\u2010-\u203a\u20a0-\u20bf\u2116\u2122\u2190-\u2193\u{1f300}-\u{1faff}]/u
/** Letters of scripts that stand by themselves. */
const letters =
  /[\u0370-\u04ff\u0531-\u0587\u05d0-\u05ea\u0600-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u10a0-\u10ff\u3001-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/u
