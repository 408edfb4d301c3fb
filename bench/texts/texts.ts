import { createHash } from 'node:crypto'
import { ConfigError, random } from '../../src/base/index.ts'
import { world } from '../../src/data/world/index.ts'
import { declaration, languages } from './declaration.ts'
import { invented, newWords } from './invent.ts'
import { code, englishProse } from './package-text.ts'

// Texts to measure and to compare tokenizers on. They are made of what pinned packages hold and of seeded generators, so
// that every machine has the same ones and the repository holds no foreign text.

export interface BenchText {
  readonly text: string
  readonly bytes: number
  /** What it is, and the beginning of its hash: equal texts on two machines have equal ones. */
  readonly madeOf: string
}

interface Made {
  readonly text: string
  readonly of: string
}

const megabytes = (text: string) => (Buffer.byteLength(text) / 1e6).toFixed(1)

/** The first bytes of a text, up to a whole character. */
export function beginning(text: string, sizeBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= sizeBytes) return text
  let end = sizeBytes
  while ((bytes[end] & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

/** The same order for the same seed (Fisher and Yates). */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const rng = random(seed)
  const result = [...list]
  for (let i = result.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1)
    ;[result[i], result[j]] = [result[j], result[i]]
  }
  return result
}

/** English documentation, and, beyond what there is of it, words invented after it. */
function english(sizeBytes: number): Made {
  const prose = shuffled(englishProse(), 1).join('\n\n')
  const missing = sizeBytes - Buffer.byteLength(prose)
  if (missing <= 0) return { text: prose, of: 'documentation in pinned packages' }
  const more = [...invented(prose, { seed: 3, length: missing, newness: 1, order: 3 })].join('')
  return { text: `${prose}\n\n${more}`, of: `${megabytes(prose)} MB of documentation, then words invented after it` }
}

function programs(sizeBytes: number): Made {
  const text = shuffled(code(), 2).join('\n')
  return { text, of: `JavaScript and TypeScript of pinned packages${atMost(text, sizeBytes)}` }
}

function multilingual(sizeBytes: number): Made {
  const paragraphs = languages().flatMap((language) => declaration(language))
  const text = shuffled(paragraphs, 4).join('\n')
  const of = `the declaration of human rights in ${languages().length} languages, paragraphs shuffled`
  return { text, of: of + atMost(text, sizeBytes) }
}

const atMost = (text: string, sizeBytes: number) =>
  Buffer.byteLength(text) < sizeBytes ? `, all ${megabytes(text)} MB of them` : ''

/**
 * A third of stories and questions of the default corpus, which has few words, and two thirds of words invented after
 * these and the declaration of human rights: Kazakh puts its grammar into endings, so new words keep coming.
 */
function kazakh(sizeBytes: number): Made {
  const stories = kazakhStories(sizeBytes / 3)
  const seeds = [...declaration('kaz'), beginning(stories, 1e5)].join('\n')
  const length = sizeBytes / 3 // two bytes a letter
  const words = [...invented(seeds, { seed: 5, length, newness: 1, order: 3 })]
  const share = (i: number) => Math.round((i * stories.length) / words.length)
  const text = words.map((part, i) => `${stories.slice(share(i), share(i + 1))}\n${part}`).join('\n')
  const distinct = new Set(text.match(/\p{L}+/gu)).size
  return { text, of: `stories of the default corpus and invented words, ${distinct} distinct ones` }
}

function kazakhStories(sizeBytes: number): string {
  const stories: string[] = []
  let bytes = 0
  for (const { language, text } of world({ seed: 1 }).documents()) {
    if (language !== 'kk') continue
    stories.push(text)
    bytes += Buffer.byteLength(text)
    if (bytes >= sizeBytes) break
  }
  return stories.join('\n')
}

/** Nothing that was seen once is seen again: what remembers pieces gains nothing. */
function distinct(sizeBytes: number): Made {
  const english = newWords(englishProse().join('\n\n'), { seed: 6, order: 3 })
  const kazakh = newWords([...declaration('kaz'), kazakhStories(1e5)].join('\n'), { seed: 7, order: 2 })
  const words: string[] = []
  for (let bytes = 0; bytes < sizeBytes; ) {
    const next = (words.length % 2 === 0 ? english : kazakh).next().value
    words.push(next)
    bytes += Buffer.byteLength(next) + 1
  }
  return { text: words.join(' '), of: `${words.length} words, English and Kazakh in sound, none of them twice` }
}

const makers = { english, code: programs, multilingual, kazakh, distinct } satisfies Record<
  string,
  (sizeBytes: number) => Made
>

export type TextName = keyof typeof makers

/**
 * @param sizeBytes how much to give at most; less where there is not so much of it
 * @throws ConfigError when a package that it is made of is not installed
 */
export function benchText(name: TextName, sizeBytes: number): BenchText {
  const maker = makers[name]
  if (maker === undefined)
    throw new ConfigError(`there is no text called ${name}; there are ${Object.keys(makers).join(', ')}`)
  const { text: made, of } = maker(sizeBytes)
  const text = beginning(made, sizeBytes)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  return { text, bytes: Buffer.byteLength(text), madeOf: `${of} (${hash})` }
}
