import { DataError, FormatError } from '../base/index.ts'
import type { Folder } from './folder.ts'
import { parseShardIndex, type ShardIndex } from './shard-index.ts'
import type { TokenSource } from './tokens.ts'

/** Token ids in files; only what is asked for is read. */
export interface TokenShards extends TokenSource {
  readonly vocabSize: number
  readonly index: ShardIndex
}

/**
 * Opens a set that {@link encodeToShards} made.
 *
 * @param name as `encodeToShards` returned it
 * @throws DataError when the set or the split is not there
 * @throws FormatError when the index is damaged, a file is missing or has another size, or an id is not in the vocabulary
 *
 * @example
 * const { name } = await encodeToShards(documents(['one', 'two']), tokenizer, folder, { source: 'two words' })
 * const { length } = await openShards(folder, name)
 * length // 6
 */
export async function openShards(
  folder: Folder,
  name: string,
  split: 'train' | 'validation' = 'train',
): Promise<TokenShards> {
  const indexFile = `${name}/index.json`
  const size = await folder.size(indexFile)
  if (size === undefined) throw new DataError(`openShards: ${indexFile} is not there`)
  const index = parseShardIndex(new TextDecoder().decode(await folder.read(indexFile, 0, size)), indexFile)
  const part = index.splits[split]
  if (part === undefined) throw new DataError(`openShards: ${indexFile} has no ${split} documents`)
  const { tokenBytes, vocabSize } = index
  /** Where each shard begins, and the end. */
  const starts = [0]
  const mapped: (Uint16Array | Uint32Array | undefined)[] = []
  for (const { file, tokens } of part.shards) {
    const bytes = await folder.size(`${name}/${file}`)
    if (bytes !== tokens * tokenBytes) {
      const found = bytes === undefined ? 'is not there' : `has ${bytes} bytes`
      throw new FormatError(`${name}/${file}: ${found}; the index says ${tokens * tokenBytes} bytes`)
    }
    starts.push(starts[starts.length - 1] + tokens)
    mapped.push(idsOf(folder.map?.(`${name}/${file}`), tokenBytes))
  }

  /** Calls `take` for each stretch of a shard that has some of the tokens. */
  function stretches(start: number, count: number, take: (shard: number, from: number, some: number) => void): void {
    if (start < 0 || start + count > part!.tokens) {
      throw new DataError(`openShards: tokens ${start} to ${start + count} are not in the ${part!.tokens} of ${name}`)
    }
    for (let filled = 0, shard = shardAt(starts, start); filled < count; shard++) {
      const from = start + filled - starts[shard]
      const some = Math.min(count - filled, starts[shard + 1] - starts[shard] - from)
      if (some > 0) take(shard, from, some)
      filled += some
    }
  }

  function read(start: number, count: number): Uint32Array | Promise<Uint32Array> {
    const ids = new Uint32Array(count)
    let at = 0
    const waiting: Promise<void>[] = []
    stretches(start, count, (shard, from, some) => {
      const [to, memory] = [at, mapped[shard]]
      at += some
      const file = `${name}/${part!.shards[shard].file}`
      const take = (found: Uint16Array | Uint32Array) => {
        requireKnown(found, vocabSize, file, from)
        ids.set(found, to)
      }
      if (memory !== undefined) take(memory.subarray(from, from + some))
      else {
        const bytes = folder.read(file, from * tokenBytes, some * tokenBytes)
        waiting.push(bytes.then((found) => take(idsOf(found, tokenBytes)!)))
      }
    })
    return waiting.length === 0 ? ids : Promise.all(waiting).then(() => ids)
  }
  const { separator, rowTokens, ordered } = index
  return { length: part.tokens, vocabSize, index, separator, rowTokens, ordered, read }
}

/** Bytes as ids. Every machine that runs JavaScript engines of today is little-endian. */
function idsOf(bytes: Uint8Array | undefined, tokenBytes: 2 | 4): Uint16Array | Uint32Array | undefined {
  if (bytes === undefined) return undefined
  const whole = bytes.byteOffset % tokenBytes === 0 ? bytes : bytes.slice()
  const length = whole.byteLength / tokenBytes
  return tokenBytes === 2
    ? new Uint16Array(whole.buffer, whole.byteOffset, length)
    : new Uint32Array(whole.buffer, whole.byteOffset, length)
}

function requireKnown(ids: Uint16Array | Uint32Array, vocabSize: number, file: string, first: number): void {
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] < vocabSize) continue
    throw new FormatError(`${file}: token ${first + i}: id ${ids[i]} is not in the vocabulary of ${vocabSize}`)
  }
}

/** The last shard that begins at or before a token. */
function shardAt(starts: readonly number[], token: number): number {
  let low = 0
  let high = starts.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle] <= token) low = middle
    else high = middle - 1
  }
  return Math.max(0, low)
}
