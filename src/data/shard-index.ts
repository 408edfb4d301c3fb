import { FormatError } from '../base/index.ts'

/** The JSON file that stands beside token shards and says what is in them. It is written last. */
export interface ShardIndex {
  readonly format: 'alippe-shards'
  readonly version: 1
  /** SHA-256 of the tokenizer's definition, hexadecimal. */
  readonly tokenizer: string
  /** What the text was, as the caller described it. */
  readonly source: string
  /** Names everything that the set was made from, where that was more than text and tokenizer. */
  readonly key?: string
  readonly vocabSize: number
  /** Bytes of a token id, little-endian: 2 up to 65,536 tokens, else 4. */
  readonly tokenBytes: 2 | 4
  /** The id that stands between documents. */
  readonly separator?: number
  /**
   * Tokens of a row, where documents were packed into rows: those that are read, and one more, which is only a target.
   * Shards then hold whole rows, one after another.
   */
  readonly rowTokens?: number
  /** Whether their order is a curriculum, so that they are read as they lie. */
  readonly ordered?: boolean
  readonly splits: { readonly train: ShardSplit; readonly validation?: ShardSplit }
}

export interface ShardSplit {
  readonly documents: number
  readonly tokens: number
  /** Bytes of UTF-8 that the tokens came from. */
  readonly textBytes: number
  readonly shards: readonly { readonly file: string; readonly tokens: number }[]
}

/**
 * Reads an index.
 *
 * @param file how messages name it
 * @throws FormatError with file, place and reason
 *
 * @example
 * const { name } = await encodeToShards(documents(['one']), tokenizer, folder, { source: 'a word' })
 * const bytes = await folder.read(`${name}/index.json`, 0, await folder.size(`${name}/index.json`))
 * parseShardIndex(new TextDecoder().decode(bytes), 'index.json').splits.train.tokens // 3
 */
export function parseShardIndex(text: string, file: string): ShardIndex {
  const fail = (place: string, reason: string): never => {
    throw new FormatError(`${file}: ${place}: ${reason}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new FormatError(`${file}: not JSON: ${(error as Error).message}`, { cause: error })
  }
  const index = value as ShardIndex
  if (typeof index !== 'object' || index === null || index.format !== 'alippe-shards') {
    fail('format', 'expected "alippe-shards"')
  }
  if (index.version !== 1) fail('version', `expected 1, got ${JSON.stringify(index.version)}`)
  if (index.tokenBytes !== 2 && index.tokenBytes !== 4) fail('tokenBytes', 'expected 2 or 4')
  if (!isCount(index.vocabSize)) fail('vocabSize', 'expected a whole number')
  if (index.separator !== undefined && !(isCount(index.separator) && index.separator < index.vocabSize)) {
    fail('separator', `expected an id of the vocabulary of ${index.vocabSize}`)
  }
  if (index.rowTokens !== undefined && !(isCount(index.rowTokens) && index.rowTokens > 1)) {
    fail('rowTokens', 'expected a whole number above 1')
  }
  if (typeof index.source !== 'string') fail('source', 'expected a string')
  if (typeof index.tokenizer !== 'string') fail('tokenizer', 'expected a string')
  if (typeof index.splits !== 'object' || index.splits === null) fail('splits', 'expected an object')
  for (const name of ['train', 'validation'] as const) {
    const split = index.splits[name]
    if (split === undefined && name === 'validation') continue
    requireSplit(split!, `splits.${name}`, fail)
    if (index.rowTokens !== undefined && split!.tokens % index.rowTokens !== 0) {
      fail(`splits.${name}.tokens`, `is ${split!.tokens}, which are no whole rows of ${index.rowTokens}`)
    }
  }
  return index
}

function requireSplit(split: ShardSplit, place: string, fail: (place: string, reason: string) => never): void {
  if (typeof split !== 'object' || split === null) fail(place, 'expected an object')
  for (const name of ['documents', 'tokens', 'textBytes'] as const) {
    if (!isCount(split[name])) fail(`${place}.${name}`, 'expected a whole number')
  }
  if (!Array.isArray(split.shards)) fail(`${place}.shards`, 'expected a list')
  let tokens = 0
  for (const [i, shard] of split.shards.entries()) {
    // A name that leads elsewhere must not be followed.
    if (typeof shard?.file !== 'string' || !/^[\w-]+\.bin$/.test(shard.file) || !isCount(shard.tokens)) {
      fail(`${place}.shards[${i}]`, 'expected a file name and a number of tokens')
    }
    tokens += shard.tokens
  }
  if (tokens !== split.tokens) fail(`${place}.tokens`, `is ${split.tokens}, but the shards hold ${tokens}`)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
