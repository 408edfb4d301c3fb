import { isIn, unassigned } from '../unicode/categories.ts'
import { decomposed, normalForm } from '../unicode/normal-forms.ts'

/** Beyond this code point nothing is normalized. */
const lastNormalized = 0x2fa1d

/**
 * NFKC as rules for a charsmap: each character that it changes, and each sequence that it joins to one character, written
 * in full or joined in part. As of Unicode 9. Marks in another than the canonical order are left as they are, as in
 * SentencePiece.
 *
 * @example
 * const rules = new Map(nfkcRules())
 * rules.get('ﬁ')       // 'fi'
 * rules.get('и\u0306') // 'й'
 */
export function nfkcRules(): [from: string, to: string][] {
  const rules = new Map<string, string>()
  for (let code = 0x80; code <= lastNormalized; code++) {
    // Chinese characters stay, and surrogates are none.
    if (code === 0x3400) code = 0xa000
    if (code === 0xd800) code = 0xf900
    if (code === 0x20000) code = 0x2f800
    if (isIn(code, unassigned, 9)) continue
    const character = String.fromCodePoint(code)
    const normal = normalForm(character, 'NFKC')
    if (normal !== character) rules.set(character, normal)
    const parts = [...decomposed(code, 'NFD')]
    for (let joined = 1; joined < parts.length; joined++) {
      const sequence = normalForm(parts.slice(0, joined).join(''), 'NFC') + parts.slice(joined).join('')
      if (normalForm(sequence, 'NFKC') !== sequence) rules.set(sequence, normal)
    }
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
