import { type AlignedText, slicedText } from '../aligned-text.ts'
import type { PreTokenizer } from '../stages.ts'
import { categories, categoryMask } from '../unicode/categories.ts'
import { isInScript } from '../unicode/scripts.ts'

/**
 * Cuts where the script changes, as SentencePiece does: Han, Hiragana and Katakana count as one, and spaces belong to
 * what stands before them. Spaces that begin the text are dropped. Scripts are those of Unicode 9.
 *
 * @example
 * unicodeScripts().split({ text: 'Abai — Абай', isFirst: true }).map(({ text }) => text) // ['Abai ', '— ', 'Абай']
 */
export function unicodeScripts(): PreTokenizer {
  return {
    json: { type: 'UnicodeScripts' },
    split(part) {
      const { text } = part
      const pieces: AlignedText[] = []
      let start = -1
      let last = anyScript
      for (let at = 0; at < text.length; ) {
        const code = text.codePointAt(at)!
        const script = scriptOf(code)
        if (script !== anyScript && script !== last) {
          if (start >= 0) pieces.push(slicedText(part, start, at))
          start = at
          last = script
        }
        at += code > 0xffff ? 2 : 1
      }
      if (start >= 0) pieces.push(slicedText(part, start, text.length))
      return pieces
    },
  }
}

/** Of characters that belong to every script: spaces, and what Unicode 9 does not know. */
const anyScript = 0

/** Scripts of Unicode 9 by the codes of ISO 15924, the frequent ones first; what is common to several is one of them. */
const names = (
  'Latn Zyyy Cyrl Hani Arab Zinh Hira Kana Hang Grek Hebr Deva Thai Armn Geor Beng Taml Telu Gujr Guru Knda Mlym Sinh ' +
  'Khmr Laoo Mymr Tibt Ethi Mong Bopo Syrc Thaa Orya Cher Cans Ogam Runr Yiii Ital Goth Dsrt Tglg Hano Buhd Tagb Limb ' +
  'Tale Linb Ugar Shaw Osma Cprt Brai Bugi Copt Talu Glag Tfng Sylo Xpeo Khar Bali Xsux Phnx Phag Nkoo Sund Lepc Olck ' +
  'Vaii Saur Kali Rjng Lyci Cari Lydi Cham Lana Tavt Avst Egyp Samr Lisu Bamu Java Mtei Armi Sarb Prti Phli Orkh Kthi ' +
  'Batk Brah Mand Cakm Merc Mero Plrd Shrd Sora Takr Aghb Bass Dupl Elba Gran Hmng Khoj Lina Mahj Mani Mend Modi Mroo ' +
  'Narb Nbat Palm Pauc Perm Phlp Sidd Sind Tirh Wara Ahom Hluw Hatr Mult Hung Sgnw Adlm Bhks Marc Newa Osge Tang'
).split(' ')

/** One more than the script of each code point that was asked for; 0 for others. */
let known = new Uint8Array(0)

function scriptOf(code: number): number {
  if (known.length === 0) known = new Uint8Array(0x110000)
  if (known[code] === 0) known[code] = 1 + foundScript(code)
  return known[code] - 1
}

const withoutScript = categoryMask('Cn')! | categoryMask('Co')!

function foundScript(code: number): number {
  if (code === 0x20 || (withoutScript >>> categories(9)[code]) & 1) return anyScript
  // The engine knows the scripts of newer versions, in which these are others.
  if (code === 0x589 || code === 0x61c) return numberOf('Zyyy')
  if (code === 0x953 || code === 0x954) return numberOf('Deva')
  const found = 1 + names.findIndex((name) => isInScript(code, name))
  // The long vowel sign is common to both Kana.
  return code === 0x30fc || found === numberOf('Hira') || found === numberOf('Kana') ? numberOf('Hani') : found
}

const numberOf = (name: string): number => 1 + names.indexOf(name)
