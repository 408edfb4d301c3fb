import type { Normalizer } from '../stages.ts'
import { readCharsmap } from './charsmap.ts'

/** Characters that can stand in one grapheme with a neighbour, beside CR and LF. */
const joining =
  /[\p{M}\p{Cf}\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff\u0d4e\u0e33\u0eb3\uff9e\uff9f\p{Regional_Indicator}\p{Emoji_Modifier}\p{Extended_Pictographic}\u{111c2}\u{111c3}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]/u

/** Graphemes of this many bytes of UTF-8 and more are looked up character by character. */
const longGrapheme = 6

/**
 * The normalizer `Precompiled` of tokenizer.json: SentencePiece's rules as Hugging Face's tokenizers apply them, which is
 * not quite as SentencePiece does: a whole grapheme of less than six bytes is replaced by what the shortest rule says
 * with which it begins; any other grapheme character by character.
 *
 * @param bytes a `precompiled_charsmap`
 * @throws FormatError when it is malformed
 *
 * @example
 * precompiled(buildCharsmap([['ﬁ', 'fi']])).normalize('ﬁx') // 'fix'
 */
export function precompiled(bytes: Uint8Array): Normalizer {
  const charsmap = readCharsmap(bytes)
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
  return {
    get json() {
      return { type: 'Precompiled', precompiled_charsmap: base64(bytes) }
    },
    normalize(text, sources) {
      let out = ''
      /** For each character of the result: 1 when inserted, −n when n characters after the one it replaces are gone. */
      const changes: number[] = []
      const put = (part: string, replaced: number): void => {
        out += part
        if (sources === undefined) return
        const characters = [...part].length
        for (let i = 0; i < characters; i++) changes.push(i < replaced ? 0 : 1)
        if (characters < replaced && changes.length > 0) changes[changes.length - 1] += characters - replaced
      }
      const grapheme = (start: number, end: number): void => {
        const part = text.slice(start, end)
        const whole = utf8Length(part) < longGrapheme ? charsmap.shortest(part) : undefined
        if (whole !== undefined) {
          put(whole, [...part].length)
          return
        }
        for (let at = start; at < end; at += sizeAt(text, at)) {
          const character = text.slice(at, at + sizeAt(text, at))
          put(charsmap.shortest(character) ?? character, 1)
        }
      }
      for (let at = 0; at < text.length; ) {
        let end = at + sizeAt(text, at)
        while (end < text.length && mayJoin(text, end)) end += sizeAt(text, end)
        if (end - at <= 2 && sizeAt(text, at) === end - at) grapheme(at, end)
        else
          for (const { segment, index } of segmenter.segment(text.slice(at, end)))
            grapheme(at + index, at + index + segment.length)
        at = end
      }
      if (sources !== undefined) trace(text, out, changes, sources)
      return out
    },
  }

  /** Whether the characters before and after `at` may be of one grapheme. */
  function mayJoin(text: string, at: number): boolean {
    const after = text.codePointAt(at)!
    const before = text.charCodeAt(at - 1)
    if (before === 13 && after === 10) return true
    const first = (before & 0xfc00) === 0xdc00 ? text.codePointAt(at - 2)! : before
    return (after >= 0xa9 && joins(after)) || (first >= 0xa9 && joins(first))
  }
}

/** Where the characters of the result come from. */
function trace(text: string, out: string, changes: readonly number[], sources: number[]): void {
  let at = 0
  let before = -1
  let i = 0
  for (const character of out) {
    const change = changes[i++]
    const source = change > 0 ? before : at
    for (let k = 0; k < character.length; k++) sources.push(source)
    for (let skipped = change; skipped <= 0 && at < text.length; skipped++) {
      before = at
      at += sizeAt(text, at)
    }
  }
}

/** 0 unasked, 1 no, 2 yes. */
const known = new Uint8Array(0x110000)
function joins(character: number): boolean {
  return (known[character] ||= joining.test(String.fromCodePoint(character)) ? 2 : 1) === 2
}

const sizeAt = (text: string, at: number): number => ((text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1)

function utf8Length(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3
  }
  return length
}

function base64(bytes: Uint8Array): string {
  let text = ''
  // Not all at once: arguments are limited.
  for (let at = 0; at < bytes.length; at += 1 << 13) text += String.fromCharCode(...bytes.subarray(at, at + (1 << 13)))
  return btoa(text)
}
