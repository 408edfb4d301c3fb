import { ConfigError, DataError, philox } from '../base/index.ts'
import type { Tokenizer } from '../tokenizers/index.ts'
import type { Documents } from './document.ts'
import type { Folder } from './folder.ts'
import { parseShardIndex, type ShardIndex } from './shard-index.ts'
import { ShardWriter } from './shard-writer.ts'
import { utf8Length } from './utf8-length.ts'

export interface ShardOptions {
  /** Describes the text (paths, sizes, times; a URL; a seed): the same description must mean the same text. */
  readonly source: string
  /** Name of a special token that is put after every document. */
  readonly separator?: string
  /** Sets whole documents aside for validation, chosen by their id, seed and fraction alone. */
  readonly validation?: { readonly fraction: number; readonly seed?: number }
  /** Tokens of a shard; this many are held in memory, for each side. Default 4,194,304. */
  readonly shardTokens?: number
  readonly onProgress?: (progress: { documents: number; textBytes: number; tokens: number }) => void
}

export interface EncodedShards {
  /** Where in the folder the set is; made of the hash of tokenizer, source and options. */
  readonly name: string
  readonly index: ShardIndex
  /** The set was there already; the text was not read. */
  readonly reused: boolean
}

/**
 * Encodes documents into files of token ids, in memory that does not grow with the text. The set is named by
 * what it was made from: when it is there, it is used, and the documents are not touched. The index is written last, so a
 * set that was interrupted is made anew.
 *
 * @throws ConfigError when `separator` is no special token, or a number is out of range
 * @throws DataError when the documents hold no text
 *
 * @example
 * const { name } = await encodeToShards(documents(['one', 'two']), tokenizer, folder, { source: 'two words', separator: '<|end|>' })
 * const data = batches(await openShards(folder, name), { batch: 16, tokens: 4 })
 */
export async function encodeToShards(
  documents: Documents,
  tokenizer: Tokenizer,
  folder: Folder,
  options: ShardOptions,
): Promise<EncodedShards> {
  const { source, separator, validation, shardTokens = 1 << 22 } = options
  const separatorId = separator === undefined ? undefined : tokenizer.specials.get(separator)
  if (separator !== undefined && separatorId === undefined) {
    throw new ConfigError(`encodeToShards: the separator ${separator} is no special token of the tokenizer`)
  }
  if (!Number.isSafeInteger(shardTokens) || shardTokens < 1) {
    throw new ConfigError(`encodeToShards: shardTokens is ${shardTokens}; expected a whole number above 0`)
  }
  if (validation && !(validation.fraction >= 0 && validation.fraction <= 1)) {
    throw new ConfigError(`encodeToShards: validation.fraction is ${validation.fraction}; expected 0 to 1`)
  }
  const tokenizerHash = await sha256(tokenizer.definition())
  const chosen = { fraction: validation?.fraction ?? 0, seed: validation?.seed ?? 0 }
  const name = (await sha256(JSON.stringify([1, tokenizerHash, source, separator ?? null, chosen, shardTokens]))).slice(
    0,
    24,
  )
  const known = await folder.size(`${name}/index.json`)
  if (known !== undefined) {
    const text = new TextDecoder().decode(await folder.read(`${name}/index.json`, 0, known))
    return { name, index: parseShardIndex(text, `${name}/index.json`), reused: true }
  }

  const tokenBytes = tokenizer.vocabSize <= 65536 ? 2 : 4
  const sink = (split: string) => new ShardWriter({ folder, path: `${name}/`, split, tokenBytes, shardTokens })
  const train = sink('train')
  const aside = validation && sink('validation')
  const encoder = tokenizer.encoder()
  const progress = { documents: 0, textBytes: 0, tokens: 0 }
  for await (const { id, text } of documents) {
    const writer = aside && isValidation(id, chosen) ? aside : train
    const textBytes = utf8Length(text)
    const ids = [encoder.push(text), encoder.end()]
    if (separatorId !== undefined) ids.push(Uint32Array.of(separatorId))
    for (const part of ids) {
      await writer.add(part)
      progress.tokens += part.length
    }
    writer.textBytes += textBytes
    writer.documents++
    progress.documents++
    progress.textBytes += textBytes
    options.onProgress?.({ ...progress })
  }
  if (progress.textBytes === 0) throw new DataError(`encodeToShards: there is no text in ${source}`)
  const index: ShardIndex = {
    format: 'alippe-shards',
    version: 1,
    tokenizer: tokenizerHash,
    source,
    vocabSize: tokenizer.vocabSize,
    tokenBytes,
    ...(separatorId !== undefined && { separator: separatorId }),
    splits: { train: await train.finish(), ...(aside && { validation: await aside.finish() }) },
  }
  await folder.write(`${name}/index.json`, new TextEncoder().encode(JSON.stringify(index, null, 1)))
  return { name, index, reused: false }
}

/**
 * Whether a document is set aside: a fair draw that depends on its id and the seed alone.
 *
 * @example
 * isValidation('a.txt', { fraction: 1, seed: 1 }) // true
 */
export function isValidation(id: string, options: { fraction: number; seed: number }): boolean {
  let a = 0x811c9dc5 | 0
  let b = 0x12345678 | 0
  for (let i = 0; i < id.length; i++) {
    a = Math.imul(a ^ id.charCodeAt(i), 0x01000193)
    b = Math.imul(b + id.charCodeAt(i), 0x85ebca6b) ^ (b >>> 13)
  }
  const words = new Uint32Array(4)
  philox(options.seed >>> 0, Math.floor(options.seed / 2 ** 32), a, b, id.length, 0xd0c5, words)
  return words[0] / 2 ** 32 < options.fraction
}

/**
 * SHA-256 of a text in UTF-8, as 64 hexadecimal digits.
 *
 * @example
 * const digest = await sha256('')
 * digest.slice(0, 8) // 'e3b0c442'
 */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
