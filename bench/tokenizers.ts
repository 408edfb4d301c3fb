import { join } from 'node:path'
import { AlippeError } from '../src/base/index.ts'
import { readTiktoken, type Tokenizer, writeTokenizerJson } from '../src/tokenizers/index.ts'
import { type EncodingName, rankFile, rankPath } from './peers/ranks.ts'
import { openTokenizer, type PeerTokenizer, tokenizerPeers } from './peers/tokenizers.ts'
import { bundleSize } from './runner/bundle.ts'
import { runChild } from './runner/child.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { compare, figure, rounded } from './runner/statistics.ts'
import { extremes } from './texts/extremes.ts'
import { type BenchText, beginning, benchText, type TextName } from './texts/texts.ts'

// Encoding on one thread with OpenAI's vocabularies. MB are 10⁶ bytes of UTF-8. `cold`: a tokenizer that was just made sees
// the text for the first time, in a process that has warmed up; `warm`: it has seen it before.

const rounds = 5
/** Of the peers that are many times slower than the others, a tenth of the text is asked. */
const slowerBy = 10

const texts: readonly TextName[] = ['english', 'code', 'multilingual', 'kazakh', 'distinct']
const passes = ['cold', 'warm'] as const

/** What the ratio to the fastest peer has to be. */
const targets: Partial<Record<TextName, string>> = { english: 'ratio >= 3', code: 'ratio >= 3', kazakh: 'ratio >= 3' }

interface Competitor {
  readonly name: string
  readonly slow: boolean
  readonly tokenizer: PeerTokenizer
}

const bench: Bench = {
  title: 'Encoding text with cl100k, o200k and r50k; texts that invite quadratic time; time to load; size in a page.',
  async *cases(context) {
    const { quick } = context
    const encodings: EncodingName[] = quick ? ['o200k_base'] : ['o200k_base', 'cl100k_base', 'r50k_base']
    if (quick)
      context.skip('cl100k_base, r50k_base, distinct, ten times an extreme, slow packages', 'left out by --quick')
    for (const encoding of encodings) yield* encodingCases(context, encoding)
    yield* loadCases(context)
    yield* bundleCases(context)
  },
}
export default bench

async function* encodingCases(context: Context, encoding: EncodingName): AsyncGenerator<Case> {
  const { quick, wants } = context
  const ranks = rankFile(encoding)
  const fresh = () => readTiktoken(ranks, { pieces: encoding })
  const asked = texts.filter(
    (name) => (!quick || name !== 'distinct') && passes.some((pass) => wants(title(name, encoding, pass))),
  )
  if (asked.length > 0) {
    const peers = await openPeers(context, encoding, fresh)
    for (const name of asked) {
      const text = benchText(name, (quick ? 0.3 : name === 'distinct' ? 4 : 2) * 1e6)
      const differences = await checkIds(text, fresh(), peers)
      for (const pass of passes) {
        if (wants(title(name, encoding, pass)))
          yield* encodeCases(name, encoding, pass, text, fresh, peers, differences)
      }
    }
    for (const { tokenizer } of peers) tokenizer.close?.()
  }
  if (encoding !== 'r50k_base') yield* extremeCases(context, encoding, fresh)
}

const title = (text: TextName, encoding: EncodingName, pass: string) => `${text} ${encoding} ${pass}`

async function openPeers(
  { quick, skip }: Context,
  encoding: EncodingName,
  fresh: () => Tokenizer,
): Promise<Competitor[]> {
  const opened: Competitor[] = []
  for (const peer of tokenizerPeers) {
    if (quick && peer.slow) continue
    const tokenizer = await openTokenizer(peer, encoding, () => writeTokenizerJson(fresh()))
    if ('why' in tokenizer) skip(`${peer.name} ${encoding}`, tokenizer.why)
    else opened.push({ name: peer.name, slow: peer.slow, tokenizer })
  }
  return opened
}

const shareOf = (text: BenchText, slow: boolean) =>
  slow ? beginning(text.text, Math.floor(text.bytes / slowerBy)) : text.text

/**
 * Holds the ids against tiktoken's.
 *
 * @returns which peers give other ids, for a reader of the figures
 * @throws AlippeError when ours are others
 */
async function checkIds(text: BenchText, ours: Tokenizer, peers: readonly Competitor[]): Promise<string[]> {
  const reference = peers.find(({ name }) => name === 'tiktoken')
  if (reference === undefined) return ['ids are not checked: tiktoken is missing']
  const differences: string[] = []
  for (const slow of [false, true]) {
    const share = shareOf(text, slow)
    const expected = await reference.tokenizer.encode(share)
    const found = [
      ...peers.filter((peer) => peer.slow === slow && peer !== reference),
      { name: 'alippe', tokenizer: ours },
    ]
    for (const { name, tokenizer } of found) {
      const place = firstDifference(expected, await tokenizer.encode(share))
      if (place < 0) continue
      if (name === 'alippe') throw new AlippeError('ALIPPE_BENCH', `tokenizers: id ${place} is not tiktoken's`)
      differences.push(`${name} is not exact: its id ${place} is another`)
    }
  }
  return differences
}

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i
  return -1
}

async function* encodeCases(
  name: TextName,
  encoding: EncodingName,
  pass: (typeof passes)[number],
  text: BenchText,
  fresh: () => Tokenizer,
  peers: readonly Competitor[],
  differences: readonly string[],
): AsyncGenerator<Case> {
  let ours = fresh()
  const self: PeerTokenizer = { encode: (all) => ours.encode(all), forget: () => void (ours = fresh()) }
  const rate = (tokenizer: PeerTokenizer, share: string): Sampler => {
    const bytes = Buffer.byteLength(share)
    return async () => {
      if (pass === 'cold') tokenizer.forget?.()
      const start = performance.now()
      await tokenizer.encode(share)
      return bytes / 1e3 / (performance.now() - start)
    }
  }
  const samplers: Record<string, Sampler> = { ours: rate(self, text.text) }
  for (const { name: peer, slow, tokenizer } of peers) {
    const share = shareOf(text, slow)
    const part = slow ? `, ${rounded(Buffer.byteLength(share) / 1e6)} MB of it` : ''
    samplers[`${peer}${part}`] = rate(tokenizer, share)
  }
  const { ours: own, ...others } = await interleave(samplers, { rounds })
  const size = `${rounded(text.bytes / 1e6)} MB`
  const one = {
    case: title(name, encoding, pass),
    ours: figure(own, 'MB/s'),
    note: [`${size}: ${text.madeOf}`, ...differences].join('; '),
  }
  yield compare({ ...one, peers: others, target: targets[name] })
  if (name === 'multilingual' && others.tiktoken !== undefined) {
    const against = { case: `${one.case}, beside tiktoken`, peers: { tiktoken: others.tiktoken } }
    yield compare({ ...one, ...against, target: 'ratio >= 6' })
  }
}

/** Peers take minutes for one megabyte of most of these. */
async function* extremeCases(
  { quick, wants }: Context,
  encoding: EncodingName,
  fresh: () => Tokenizer,
): AsyncGenerator<Case> {
  for (const [name, make] of Object.entries(extremes)) {
    const small = `1 MB of ${name} ${encoding}`
    const large = `10 MB of ${name} ${encoding}, of the time for 1 MB`
    if (!wants(small) && !wants(large)) continue
    const timeOf =
      (text: string): Sampler =>
      async () => {
        // A tokenizer that remembers the pieces of a short text would make the long one look slow.
        const tokenizer = fresh()
        const start = performance.now()
        tokenizer.encode(text)
        return performance.now() - start
      }
    const samplers = { small: timeOf(make(1e6)), ...(quick ? {} : { large: timeOf(make(1e7)) }) }
    const samples = await interleave(samplers, { rounds })
    if (wants(small)) yield compare({ case: small, ours: figure(samples.small, 'ms'), target: 'value <= 300' })
    if (quick || !wants(large)) continue
    const times = samples.large.map((time, i) => time / samples.small[i])
    yield compare({ case: large, ours: figure(times, '×'), target: 'value <= 12' })
  }
}

async function* loadCases({ quick, wants, skip }: Context): AsyncGenerator<Case> {
  const name = 'o200k_base from its file to the first ids, fresh process'
  if (!wants(name)) return
  const time =
    (child: string, ...words: string[]): Sampler =>
    async () =>
      (await runChild<{ milliseconds: number }>(child, ...words)).milliseconds
  const samplers: Record<string, Sampler> = { ours: time('tokenizer-load', rankPath('o200k_base'), 'o200k_base') }
  for (const peer of tokenizerPeers) {
    if (peer.carriesRanks && !(quick && peer.slow)) samplers[peer.name] = time('peer-load', peer.name, 'o200k_base')
  }
  if (quick) skip('slow packages that load o200k_base', 'left out by --quick')
  const { ours, ...peers } = await interleave(samplers, { rounds, warmups: 0 })
  const note = 'packages are imported within their time, because they hold the vocabulary'
  yield compare({ case: name, ours: figure(ours, 'ms'), peers, target: 'value <= 30', lessIsBetter: true, note })
}

async function* bundleCases({ wants }: Context): AsyncGenerator<Case> {
  const name = 'alippe/tokenizers in a page, minified, gzipped'
  if (!wants(name)) return
  const { minifiedBytes, gzippedBytes } = await bundleSize(join(import.meta.dirname, '../src/tokenizers/index.ts'))
  const note = `${rounded(minifiedBytes / 1024)} KB before gzip; without vocabularies; KB are 1024 bytes`
  yield compare({ case: name, ours: figure([gzippedBytes / 1024], 'KB'), target: 'value <= 40', note })
}
