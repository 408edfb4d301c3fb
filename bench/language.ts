import { type LanguageIdentifier, languageIdentifier } from '../src/data/language/index.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave } from './runner/interleave.ts'
import { compare, figure } from './runner/statistics.ts'
import {
  declarationSentences,
  mediawikiSentences,
  programSentences,
  type Sentences,
  worldSentences,
} from './texts/sentences.ts'

// Accuracy on sentences of 60 characters and more, and the time for documents. A case's note is its row of the confusion
// table. franc's models were made from the declaration, so the declaration flatters it.

type Identify = (text: string) => string | undefined | Promise<string | undefined>

/** Most sentences of a language and source. */
const most = 1000

const sources: Readonly<Record<string, () => Sentences | undefined>> = {
  declaration: declarationSentences,
  world: () => worldSentences(most),
  mediawiki: mediawikiSentences,
  programs: programSentences,
}

/** What must hold, by source and language. */
const targets: Readonly<Record<string, string>> = {
  'world kk': 'value >= 97',
  'mediawiki kk': 'value >= 97',
  'declaration kk': 'value >= 97',
}

const codes: Readonly<Record<string, string>> = {
  ...{ eng: 'en', kaz: 'kk', rus: 'ru', kir: 'ky', tat: 'tt', uzn: 'uz', tur: 'tr', deu: 'de', fra: 'fr', spa: 'es' },
  ...{ cmn: 'zh', arb: 'ar', ara: 'ar' },
}

// biome-ignore lint/suspicious/noExplicitAny: packages are installed on demand, and so are their types
type Package = any

/** Libraries that are compared where they are installed: `npm --prefix bench install --no-save NAME`. */
const peers: Readonly<Record<string, (load: (name: string) => Promise<Package>) => Promise<Identify>>> = {
  async eld(load) {
    const { eld } = await load('eld/small')
    return (text) => eld.detect(text).language
  },
  async franc(load) {
    const { franc } = await load('franc')
    return (text) => codes[franc(text)]
  },
  async tinyld(load) {
    const { detect } = await load('tinyld')
    return (text) => detect(text)
  },
  async lande(load) {
    const { default: lande } = await load('lande')
    return (text) => codes[lande(text)[0]?.[0]]
  },
  async 'cld3-asm'(load) {
    const { loadModule } = await load('cld3-asm')
    const cld = (await loadModule()).create(0, 1000)
    return (text) => cld.findLanguage(text).language
  },
  async cld(load) {
    const { default: cld } = await load('cld')
    return async (text) => (await cld.detect(text).catch(() => undefined))?.languages[0]?.code
  },
}

async function loadPeers(context: Context): Promise<Record<string, Identify>> {
  const found: Record<string, Identify> = {}
  const load = (name: string): Promise<Package> => import(name)
  for (const [name, make] of Object.entries(peers)) {
    try {
      found[name] = await make(load)
    } catch {
      context.skip(name, `not installed: npm --prefix bench install --no-save ${name}`)
    }
  }
  return found
}

/** What sentences were taken for, most frequent first. */
async function guesses(identify: Identify, sentences: readonly string[]): Promise<[string, number][]> {
  const counts = new Map<string, number>()
  for (const sentence of sentences) {
    const guess = (await identify(sentence)) || 'none'
    counts.set(guess, (counts.get(guess) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

async function accuracyCase(
  name: string,
  sentences: readonly string[],
  ours: Identify,
  others: Readonly<Record<string, Identify>>,
): Promise<Case> {
  const language = name.split(' ')[1].slice(0, 2)
  const share = (row: readonly [string, number][]) =>
    (100 * (row.find(([guess]) => guess === language)?.[1] ?? 0)) / sentences.length
  const row = await guesses(ours, sentences)
  const shares: [string, number[]][] = []
  for (const [peer, identify] of Object.entries(others))
    shares.push([peer, [share(await guesses(identify, sentences))]])
  // Nothing is a number of times better than none.
  const strangers = shares.filter(([, [found]]) => found === 0).map(([peer]) => `; ${peer} knows none`)
  return compare({
    case: name,
    ours: figure([share(row)], '%'),
    peers: Object.fromEntries(shares.filter(([, [found]]) => found > 0)),
    target: targets[name],
    // Kazakh is what README shows; the others are in the document.
    ...(targets[name] === undefined && { detail: true }),
    note: `${sentences.length} sentences: ${row.map(([guess, count]) => `${guess} ${count}`).join(', ')}${strangers.join('')}`,
  })
}

/** Documents of a length, from all languages in equal parts. */
function documentsOf(sentences: Sentences, length: number): string[] {
  return Object.values(sentences).flatMap((all) => {
    const text = all.join(' ')
    return Array.from({ length: Math.min(10, Math.floor(text.length / length)) }, (_, i) =>
      text.slice(i * length, (i + 1) * length),
    )
  })
}

const bench: Bench = {
  title: 'Telling languages apart: accuracy on sentences of 60 characters and more, by source and language, and speed.',
  async *cases(context) {
    const identifier: LanguageIdentifier = await languageIdentifier()
    const ours: Identify = (text) => identifier.identify(text)?.language
    const others = await loadPeers(context)
    for (const [source, read] of Object.entries(sources)) {
      const sentences = read()
      if (sentences === undefined) context.skip(source, 'not on this machine')
      for (const [language, all] of Object.entries(sentences ?? {})) {
        const name = `${source} ${language}`
        if (context.wants(name)) yield accuracyCase(name, all.slice(0, context.quick ? 200 : most), ours, others)
      }
    }
    for (const length of [400, 1000, 3000]) {
      const name = `time of a document, ${length} characters`
      if (!context.wants(name)) continue
      const documents = documentsOf(mediawikiSentences() ?? declarationSentences(), length)
      const sampler = (identify: Identify) => async () => {
        const start = performance.now()
        for (const document of documents) {
          const guess = identify(document)
          if (guess instanceof Promise) await guess
        }
        return (1000 * (performance.now() - start)) / documents.length
      }
      const competitors = { ours, ...others }
      const samples = await interleave(
        Object.fromEntries(Object.entries(competitors).map(([peer, identify]) => [peer, sampler(identify)])),
        { rounds: context.quick ? 5 : 15, warmups: 2 },
      )
      const { ours: own, ...theirs } = samples
      const target = length === 3000 ? 'value <= 15' : undefined
      yield compare({ case: name, ours: figure(own, 'µs'), peers: theirs, target, lessIsBetter: true })
    }
  },
}
export default bench
