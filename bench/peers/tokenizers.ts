import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../../src/base/index.ts'
import { packageFolder } from '../texts/packages.ts'
import type { Missing } from './python.ts'
import type { EncodingName } from './ranks.ts'

// The packages of npm that know OpenAI's vocabularies, or can be told of them by a tokenizer.json. All work on one thread
// here. Names of special tokens in a text are text to all of them.

export interface PeerTokenizer {
  encode(text: string): ArrayLike<number> | Promise<ArrayLike<number>>
  /** Forgets the pieces that were seen. Absent where nothing is remembered. */
  forget?(): void
  close?(): void
}

export interface TokenizerPeer {
  readonly name: string
  /** Many times slower than the fastest, so that it is not asked for all of a text. */
  readonly slow: boolean
  /** Whether the package holds the vocabularies. */
  readonly carriesRanks: boolean
  /** @param tokenizerJson for packages that do not carry the vocabulary */
  open(encoding: EncodingName, tokenizerJson: () => string): Promise<PeerTokenizer | Missing>
}

// biome-ignore lint/suspicious/noExplicitAny: packages are installed on demand, and so are their types
type Package = any

async function load(name: string, path: string): Promise<Package> {
  const module = await import(pathToFileURL(join(packageFolder(name), path)).href)
  return module.default ?? module
}

const tiktoken: TokenizerPeer = {
  name: 'tiktoken',
  slow: false,
  carriesRanks: true,
  async open(encoding) {
    const { get_encoding } = await load('tiktoken', 'tiktoken.cjs')
    const tokenizer = get_encoding(encoding)
    return { encode: (text) => tokenizer.encode_ordinary(text), close: () => tokenizer.free() }
  },
}

const gptTokenizer: TokenizerPeer = {
  name: 'gpt-tokenizer',
  slow: false,
  carriesRanks: true,
  async open(encoding) {
    const tokenizer = await load('gpt-tokenizer', `esm/encoding/${encoding}.js`)
    const specials = { disallowedSpecial: new Set() }
    return { encode: (text) => tokenizer.encode(text, specials), forget: () => tokenizer.clearMergeCache() }
  },
}

const aiTokenizer: TokenizerPeer = {
  name: 'ai-tokenizer',
  slow: false,
  carriesRanks: true,
  async open(encoding) {
    if (encoding === 'r50k_base') return { why: `it does not know ${encoding}` }
    const vocabulary = await import(
      pathToFileURL(join(packageFolder('ai-tokenizer'), `dist/encoding/${encoding}.js`)).href
    )
    const Tokenizer = await load('ai-tokenizer', 'dist/index.js')
    let tokenizer = new Tokenizer(vocabulary)
    return {
      encode: (text) => tokenizer.encode(text, [], []),
      forget: () => void (tokenizer = new Tokenizer(vocabulary)),
    }
  },
}

const jsTiktoken: TokenizerPeer = {
  name: 'js-tiktoken',
  slow: true,
  carriesRanks: true,
  async open(encoding) {
    const { Tiktoken } = await load('js-tiktoken', 'dist/lite.cjs')
    const tokenizer = new Tiktoken(await load('js-tiktoken', `dist/ranks/${encoding}.cjs`))
    return { encode: (text) => tokenizer.encode(text, [], []) }
  },
}

const huggingFaceNative: TokenizerPeer = {
  name: 'tokenizers',
  slow: true,
  carriesRanks: false,
  async open(_, tokenizerJson) {
    process.env.TOKENIZERS_PARALLELISM = 'false'
    const { Tokenizer } = await load('tokenizers', 'index.js')
    const json = tokenizerJson()
    let tokenizer = Tokenizer.fromString(json)
    return {
      encode: async (text) => (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds(),
      forget: () => void (tokenizer = Tokenizer.fromString(json)),
    }
  },
}

const huggingFaceScript: TokenizerPeer = {
  name: '@huggingface/tokenizers',
  slow: true,
  carriesRanks: false,
  async open(_, tokenizerJson) {
    const { Tokenizer } = await import(
      pathToFileURL(join(packageFolder('@huggingface/tokenizers'), 'dist/tokenizers.mjs')).href
    )
    const definition = JSON.parse(tokenizerJson())
    let tokenizer = new Tokenizer(definition, {})
    return {
      encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
      forget: () => void (tokenizer = new Tokenizer(definition, {})),
    }
  },
}

/** In the order in which they are shown. tiktoken is the one that decides what is right. */
export const tokenizerPeers: readonly TokenizerPeer[] = [
  tiktoken,
  gptTokenizer,
  aiTokenizer,
  jsTiktoken,
  huggingFaceNative,
  huggingFaceScript,
]

/** Opens a peer, or says why it cannot be had. */
export async function openTokenizer(
  peer: TokenizerPeer,
  encoding: EncodingName,
  tokenizerJson: () => string,
): Promise<PeerTokenizer | Missing> {
  try {
    return await peer.open(encoding, tokenizerJson)
  } catch (error) {
    if (error instanceof ConfigError) return { why: error.message }
    throw error
  }
}
