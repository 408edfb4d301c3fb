import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, random } from '../../src/base/index.ts'
import { benchText } from './texts.ts'

// A corpus as a crawl gives it, as large as one likes: documents in several languages and code, some of them copies, some
// nearly, some junk. Every document is put together anew from sentences of the texts of the benches.

/** Bytes of a file, about. */
const fileBytes = 64e6
/** Documents that may be copied: the last so many. */
const remembered = 2000

/** Shares of what documents are; what is left is English. */
const shares = { copy: 0.08, nearCopy: 0.07, junk: 0.03, kazakh: 0.17, code: 0.08, multilingual: 0.04 } as const

/** A pool of sentences and what stands between them. */
interface Pool {
  readonly sentences: readonly string[]
  readonly between: string
  /** Sentences of a paragraph, about. */
  readonly paragraph: number
}

/**
 * Writes a corpus as JSONL into a folder for temporary files, unless it is there already.
 *
 * @returns the folder, and what is in it, in words
 */
export async function benchCorpus(
  sizeBytes: number,
  seed = 1,
): Promise<{ folder: string; bytes: number; madeOf: string }> {
  const madeOf = `English, Kazakh, code and other languages, put together anew from sentences; ${Math.round(100 * shares.copy)} % copies, ${Math.round(100 * shares.nearCopy)} % near copies`
  const name = createHash('sha256').update(`3 ${sizeBytes} ${seed}`).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), `alippe-corpus-${name}`)
  if (!existsSync(folder)) {
    const part = `${folder}.part`
    await rm(part, { recursive: true, force: true })
    await mkdir(part, { recursive: true })
    const documents = made(random(seed))
    for (let file = 0, written = 0; written < sizeBytes; file++) {
      const wanted = Math.min(fileBytes, sizeBytes - written)
      const handle = await open(join(part, `${String(file).padStart(4, '0')}.jsonl`), 'w')
      let bytes = 0
      while (bytes < wanted) {
        const lines: string[] = []
        for (let characters = 0; characters < 1e6; ) {
          const text = documents.next().value
          lines.push(`${JSON.stringify({ text, url: `https://example.org/${file}/${bytes}/${lines.length}` })}\n`)
          characters += text.length
        }
        bytes += (await handle.write(lines.join(''))).bytesWritten
      }
      await handle.close()
      written += bytes
    }
    await rename(part, folder)
  }
  return { folder, bytes: sizeBytes, madeOf }
}

function pools(): Record<'english' | 'kazakh' | 'code' | 'multilingual', Pool> {
  const sentences = (text: string) =>
    text.split(/(?<=[.!?])\s+/).filter((part) => part.length > 25 && part.length < 600)
  const lines = (text: string) => text.split('\n').filter((part) => part.trim() !== '')
  return {
    english: { sentences: sentences(benchText('english', 24e6).text), between: ' ', paragraph: 5 },
    kazakh: { sentences: lines(benchText('kazakh', 12e6).text.replaceAll('. ', '.\n')), between: ' ', paragraph: 5 },
    code: { sentences: lines(benchText('code', 8e6).text), between: '\n', paragraph: 12 },
    multilingual: { sentences: lines(benchText('multilingual', 8e6).text), between: '\n', paragraph: 3 },
  }
}

function* made(rng: Random): Generator<string, never> {
  const known = pools()
  const earlier: string[] = []
  for (let number = 0; ; number++) {
    const text = one(rng, known, earlier)
    earlier[number % remembered] = text
    yield text
  }
}

function one(rng: Random, known: ReturnType<typeof pools>, earlier: readonly string[]): string {
  let roll = rng.next()
  const falls = (share: number) => (roll -= share) < 0
  if (earlier.length > 0 && falls(shares.copy)) return earlier[rng.integer(earlier.length)]
  if (earlier.length > 0 && falls(shares.nearCopy)) return nearCopy(rng, earlier[rng.integer(earlier.length)])
  if (falls(shares.junk)) return junk(rng)
  for (const name of ['kazakh', 'code', 'multilingual'] as const) if (falls(shares[name])) return told(rng, known[name])
  return told(rng, known.english)
}

/** Paragraphs of sentences drawn at random; lengths as they are in crawls, from some hundred characters to fifty thousand. */
function told(rng: Random, { sentences, between, paragraph }: Pool): string {
  const length = Math.min(50_000, 300 + 1500 * Math.exp(1.1 * normal(rng)))
  const paragraphs: string[] = []
  for (let characters = 0; characters < length; ) {
    const part: string[] = []
    for (let i = 0; i < paragraph; i++) part.push(sentences[rng.integer(sentences.length)])
    const text = part.join(between)
    paragraphs.push(text)
    characters += text.length
  }
  return paragraphs.join('\n\n')
}

/** A word in fifty is said twice. */
function nearCopy(rng: Random, text: string): string {
  return text.replace(/[\p{L}]+ /gu, (word) => (rng.next() < 0.02 ? word + word : word))
}

function junk(rng: Random): string {
  const line = ['Home | News | Contact | Log in', '### ### ### ###', 'Read more', '>>> 1 2 3 4 5 6 7 8 9'][
    rng.integer(4)
  ]
  return Array.from({ length: 5 + rng.integer(60) }, () => line).join('\n')
}

/** A normal number: Box & Muller 1958. */
function normal(rng: Random): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next())
}
