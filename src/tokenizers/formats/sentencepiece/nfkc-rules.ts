import { isIn, unassigned } from '../../unicode/categories.ts'
import { decomposed, normalForm } from '../../unicode/normal-forms.ts'

/** Beyond this code point nothing is normalized. */
const lastNormalized = 0x2fa1d

const isHangul = (syllable: string): boolean => syllable >= '\uac00' && syllable <= '\ud7a3'

/**
 * NFKC as rules for a charsmap: each character that it changes, and each sequence that it joins to one character, in all
 * spellings of its parts (Hangul: in one). As of Unicode 9. Sequences that are joined in part already, and marks in another than the
 * canonical order, are left as they are, as in SentencePiece.
 *
 * @example
 * const rules = new Map(nfkcRules())
 * rules.get('ﬁ')       // 'fi'
 * rules.get('и\u0306') // 'й'
 * rules.get('ｶﾞ')       // 'ガ'
 */
export function nfkcRules(): [from: string, to: string][] {
  const rules = new Map<string, string>()
  /** Characters that become this one. */
  const spellings = new Map<string, string[]>()
  const sequences: [parts: string[], to: string][] = []
  for (let code = 0x80; code <= lastNormalized; code++) {
    // Chinese characters stay, and surrogates are none.
    if (code === 0x3400) code = 0xa000
    if (code === 0xd800) code = 0xf900
    if (code === 0x20000) code = 0x2f800
    if (isIn(code, unassigned, 9)) continue
    const character = String.fromCodePoint(code)
    const normal = normalForm(character, 'NFKC')
    if (normal !== character) {
      rules.set(character, normal)
      spellings.set(normal, [...(spellings.get(normal) ?? []), character])
    }
    const parts = [...decomposed(code, 'NFD')]
    if (parts.length > 1) sequences.push([parts, normal])
  }
  for (const [parts, to] of sequences) {
    let spelled = ['']
    for (const part of parts) {
      // Compatibility letters of Hangul are meant to stand apart, and would be 200,000 rules.
      const ways = isHangul(to) ? [part] : [part, ...(spellings.get(part) ?? [])]
      spelled = spelled.flatMap((begun) => ways.map((way) => begun + way))
    }
    for (const from of spelled) if (normalForm(from, 'NFKC') === to && from !== to) rules.set(from, to)
  }
  return [...rules]
}

/**
 * {@link nfkcRules}, and what SentencePiece's default does besides: control characters vanish, what looks like a space
 * becomes one, and the fullwidth tilde stays.
 *
 * @example
 * new Map(nmtNfkcRules()).get('\t') // ' '
 */
export function nmtNfkcRules(): [from: string, to: string][] {
  const rules = new Map(nfkcRules())
  for (let code = 1; code < 0x20; code++) rules.set(String.fromCodePoint(code), '')
  for (const code of [0x7f, 0x8f, 0x9f]) rules.set(String.fromCodePoint(code), '')
  for (const space of '\t\n\f\r\u1680\u200b\u200c\u200e\u200f\u2028\u2029\u2581\ufeff\ufffd') rules.set(space, ' ')
  rules.delete('\uff5e')
  return [...rules]
}
