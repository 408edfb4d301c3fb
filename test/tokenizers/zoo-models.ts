import { declaration } from '../../bench/texts/declaration.ts'
import { bytesToCharacters } from '../../src/tokenizers/byte-alphabet.ts'
import type { StageJson } from '../../src/tokenizers/stages.ts'

// Small models of every kind as tokenizer.json spells them. Their vocabularies are learned here in the plainest way, so that
// nothing that is tested made them.

/** How often each word occurs in two languages and some code, with the space before it. */
function wordCounts(): Map<string, number> {
  const code = 'function add(a, b) {\n\treturn a + b // 12345\n}\n\nfor i in range(10):\n    print(i)\n'
  const text = [...declaration('eng'), ...declaration('kaz'), code.repeat(5)].join('\n')
  const counts = new Map<string, number>()
  for (const [word] of text.matchAll(/ ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

export interface Spelling {
  /** What a word looks like to the model. */
  spell(word: string): string
  /** Put before every symbol of a word but the first. */
  readonly prefix?: string
  /** Put behind the last one. */
  readonly suffix?: string
}

const bytes: Spelling = { spell: (word) => bytesToCharacters(new TextEncoder().encode(word)) }
const characters: Spelling = { spell: (word) => word.trim() }
const metaspace: Spelling = { spell: (word) => word.replaceAll(' ', '▁') }

/** Merges the most frequent pair again and again; of equals, the one that was seen first. */
function learn({ spell, prefix = '', suffix = '' }: Spelling, merges: number) {
  const words = [...wordCounts()].flatMap(([word, count]) => {
    const letters = [...spell(word)]
    const last = letters.length - 1
    const symbols = letters.map((letter, i) => (i > 0 ? prefix : '') + letter + (i === last ? suffix : ''))
    return symbols.length === 0 ? [] : [{ symbols, count }]
  })
  const symbols = new Set(words.flatMap((word) => word.symbols))
  const learned: [string, string][] = []
  while (learned.length < merges) {
    const pairs = new Map<string, number>()
    for (const word of words) {
      for (let i = 1; i < word.symbols.length; i++) {
        const pair = `${word.symbols[i - 1]}\n${word.symbols[i]}`
        pairs.set(pair, (pairs.get(pair) ?? 0) + word.count)
      }
    }
    const [best] = [...pairs].reduce((a, b) => (b[1] > a[1] ? b : a))
    const [left, right] = best.split('\n')
    const whole = left + right.slice(prefix.length)
    learned.push([left, right])
    symbols.add(whole)
    for (const word of words) {
      const at: string[] = []
      for (const symbol of word.symbols) {
        if (symbol === right && at.at(-1) === left) at[at.length - 1] = whole
        else at.push(symbol)
      }
      word.symbols = at
    }
  }
  return { symbols: [...symbols], merges: learned }
}

/** The first ids; so post-processors can name them for every model. */
export const specials = ['<unk>', '<s>', '</s>', '<pad>', '<mask>'] as const

const numbered = (tokens: Iterable<string>): Record<string, number> =>
  Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]))

const byteTokens = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)

function bpe(
  spelling: Spelling,
  options: Record<string, string | boolean | null>,
  more: readonly string[] = [],
): StageJson {
  const { symbols, merges } = learn(spelling, 250)
  const vocab = numbered([...specials, ...more, ...symbols])
  return {
    type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: spelling.prefix ?? null,
    end_of_word_suffix: spelling.suffix ?? null, fuse_unk: false, byte_fallback: false, ignore_merges: false, ...options,
    vocab, merges,
  } // biome-ignore format: as in the file
}

const allBytes = [...bytesToCharacters(Uint8Array.from({ length: 256 }, (_, byte) => byte))]

function unigram(options: Record<string, boolean>, more: readonly string[]): StageJson {
  const counts = new Map<string, number>()
  for (const [word, count] of wordCounts()) {
    const letters = [...metaspace.spell(word)]
    for (let i = 0; i < letters.length; i++) {
      for (let size = 1; size <= 5 && i + size <= letters.length; size++) {
        const piece = letters.slice(i, i + size).join('')
        counts.set(piece, (counts.get(piece) ?? 0) + count * (size === 1 ? 1 : size * 2))
      }
    }
  }
  const most = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 600)
  const total = most.reduce((sum, [, count]) => sum + count, 0)
  const first = [...specials, ...more].map((piece) => [piece, 0] as const)
  return {
    type: 'Unigram',
    unk_id: 0,
    ...options,
    vocab: [...first, ...most.map(([piece, count]) => [piece, Math.log(count / total)] as const)],
  }
}

function wordPiece(limit: number): StageJson {
  const { symbols } = learn({ ...characters, prefix: '##' }, 250)
  return {
    type: 'WordPiece',
    unk_token: '<unk>',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: limit,
    vocab: numbered([...specials, ...symbols]),
  }
}

function wordLevel(): StageJson {
  const words = [...wordCounts()].filter(([, count]) => count > 3).map(([word]) => word.trim())
  return { type: 'WordLevel', vocab: numbered([...specials, ...words]), unk_token: '<unk>' }
}

/** By name, the entry `model` of a tokenizer.json. Those in `byteModels` take what a byte-level stage makes. */
export function zooModels(): Record<string, StageJson> {
  return {
    bytes: bpe(bytes, {}, allBytes),
    'bytes, whole words first': bpe(bytes, { ignore_merges: true }, allBytes),
    'bytes, some missing': bpe(bytes, { unk_token: '<unk>', fuse_unk: true }),
    'characters, nothing for the unknown': bpe(metaspace, {}),
    'characters, unknown': bpe(metaspace, { unk_token: '<unk>' }),
    'characters, unknown fused, bytes': bpe(
      metaspace,
      { unk_token: '<unk>', fuse_unk: true, byte_fallback: true },
      byteTokens,
    ),
    'characters with endings': bpe({ ...characters, suffix: '</w>' }, { unk_token: '<unk>' }),
    'characters that go on': bpe({ ...characters, prefix: '##' }, { unk_token: '<unk>' }),
    unigram: unigram({ byte_fallback: false }, []),
    'unigram, bytes': unigram({ byte_fallback: true }, byteTokens),
    'word pieces': wordPiece(100),
    'short word pieces': wordPiece(6),
    words: wordLevel(),
  }
}

export const byteModels = ['bytes', 'bytes, whole words first', 'bytes, some missing'] as const
