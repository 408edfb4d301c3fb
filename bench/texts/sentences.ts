import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { world } from '../../src/data/index.ts'
import { declaration } from './declaration.ts'

// Sentences of known languages, from what machines have: nothing of it is ours to keep.

/** Of each language, by its code; `uz-Cyrl` is Uzbek in Cyrillic. */
export type Sentences = Readonly<Record<string, readonly string[]>>

/** Fewest characters of a sentence. Chinese says three times as much with one. */
const leastLength = (language: string): number => (language === 'zh' ? 20 : 60)

/** A sentence is in its language's own script, for the most part; what was not translated is not. */
function isOwn(sentence: string, language: string): boolean {
  const letters = sentence.match(/\p{L}/gu)?.length ?? 0
  const own = sentence.match(scripts[language] ?? scripts.en)?.length ?? 0
  return own >= 0.85 * letters && letters >= 0.6 * sentence.length
}

const cyrillic = /\p{Script=Cyrillic}/gu
const scripts: Readonly<Record<string, RegExp>> = {
  en: /\p{Script=Latin}/gu,
  kk: cyrillic,
  ru: cyrillic,
  ky: cyrillic,
  tt: cyrillic,
  'uz-Cyrl': cyrillic,
  zh: /\p{Script=Han}/gu,
  ar: /\p{Script=Arabic}/gu,
}

/** The languages asked for, as the Universal Declaration of Human Rights, MediaWiki and Debian name them. */
const names: Readonly<
  Record<string, readonly [udhr: string, mediawiki: string | undefined, debian: string | undefined]>
> = {
  en: ['eng', 'en', undefined],
  kk: ['kaz', 'kk-cyrl', 'kk'],
  ru: ['rus', 'ru', 'ru'],
  ky: ['kir', 'ky', 'ky'],
  tt: ['tat', 'tt-cyrl', 'tt'],
  uz: ['uzn_latn', 'uz', 'uz'],
  'uz-Cyrl': ['uzn_cyrl', undefined, 'uz@cyrillic'],
  tr: ['tur', 'tr', 'tr'],
  de: ['deu_1996', 'de', 'de'],
  fr: ['fra', 'fr', 'fr'],
  es: ['spa', 'es', 'es'],
  zh: ['cmn_hans', 'zh-hans', 'zh_CN'],
  ar: ['arb', 'ar', 'ar'],
}

const each = (sentencesOf: (language: string) => Iterable<string>): Sentences => {
  const found = Object.keys(names).map((language) => {
    const long = [...new Set(sentencesOf(language))].filter((sentence) => sentence.length >= leastLength(language))
    return [language, long] as const
  })
  return Object.fromEntries(found.filter(([, sentences]) => sentences.length > 0))
}

/** Paragraphs of the Universal Declaration of Human Rights; needs the package udhr. */
export const declarationSentences = (): Sentences => each((language) => declaration(names[language][0]))

/** Documents of the world in Kazakh. */
export function worldSentences(count: number): Sentences {
  const kazakh: string[] = []
  for (const { text, language } of world().documents()) {
    if (language === 'kk') kazakh.push(text.trim())
    if (kazakh.length === count) break
  }
  return { kk: kazakh }
}

/** Where Debian's mediawiki lies, or an unpacked copy of it. */
const mediawiki = (): string => process.env.MEDIAWIKI ?? '/usr/share/mediawiki'

/** Messages of MediaWiki, written by volunteers; undefined where it is not there. */
export function mediawikiSentences(): Sentences | undefined {
  if (!existsSync(mediawiki())) return undefined
  const files = globSync('**/i18n/**/*.json', { cwd: mediawiki() })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.includes('/api/'))
    .sort()
  const messages = (name: string | undefined): string[] =>
    files
      .filter((file) => file.endsWith(`/${name}.json`))
      .flatMap((file) => Object.values(JSON.parse(readFileSync(join(mediawiki(), file), 'utf8'))))
      .filter((message) => typeof message === 'string')
      .flatMap((message) => withoutMarkup(message).split(/(?<=[.!?。])\s+/))
  const english = new Set(messages('en'))
  return each((language) =>
    messages(names[language][1]).filter(
      (sentence) => isOwn(sentence, language) && (language === 'en' || !english.has(sentence)),
    ),
  )
}

const withoutMarkup = (message: string): string =>
  message
    .replace(/\{\{(?:PLURAL|GENDER):[^|]*\|([^|}]*)[^}]*\}\}/gi, '$1')
    .replace(/\{\{[^}]*\}\}|<[^>]*>|https?:\S+|\$\d|&\w+;|'''?|[*#]|=+/g, ' ')
    .replace(/\[\[(?:[^|\]]*\|)?([^\]]*)\]\]/g, '$1')
    .replace(/\[\S+ ([^\]]*)\]/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()

const locales = '/usr/share/locale'

/** Messages of the programs of a Debian machine; undefined where it is none. */
export function programSentences(): Sentences | undefined {
  if (!existsSync(locales)) return undefined
  return each((language) => {
    const [, , name] = names[language]
    const files = name === undefined ? [] : globSync(`${name}/LC_MESSAGES/*.mo`, { cwd: locales }).sort()
    return files
      .flatMap((file) => translations(readFileSync(join(locales, file))))
      .flatMap(([source, translation]) =>
        translation
          .replace(/%[-0-9$#.]*l*[a-zA-Z]|<[^>]*>/g, ' ')
          .replace(/_(?=\p{L})/gu, '')
          .split(/\n+|(?<=[.!?])\s+/)
          .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
          .filter((sentence) => isOwn(sentence, language) && !source.includes(sentence)),
      )
  })
}

/** Pairs of a catalogue of GNU gettext. */
function translations(file: Buffer): [source: string, translation: string][] {
  const number = (at: number) => (file.readUInt32LE(0) === 0x950412de ? file.readUInt32LE(at) : file.readUInt32BE(at))
  const string = (at: number) => file.toString('utf8', number(at + 4), number(at + 4) + number(at)).split('\0')[0]
  const [count, sources, targets] = [8, 12, 16].map(number)
  return Array.from({ length: count }, (_, i) => [string(sources + 8 * i), string(targets + 8 * i)])
}
