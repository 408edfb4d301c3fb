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
  for (const { file, tokens } of part.shards) {
    const bytes = await folder.size(`${name}/${file}`)
    if (bytes !== tokens * tokenBytes) {
      const found = bytes === undefined ? 'is not there' : `has ${bytes} bytes`
      throw new FormatError(`${name}/${file}: ${found}; the index says ${tokens * tokenBytes} bytes`)
    }
    starts.push(starts[starts.length - 1] + tokens)
  }

  async function read(start: number, count: number): Promise<Uint32Array> {
    if (start < 0 || start + count > part!.tokens) {
      throw new DataError(`openShards: tokens ${start} to ${start + count} are not in the ${part!.tokens} of ${name}`)
    }
    const ids = new Uint32Array(count)
    for (let filled = 0, shard = shardAt(starts, start); filled < count; shard++) {
      const from = start + filled - starts[shard]
      const here = Math.min(count - filled, starts[shard + 1] - starts[shard] - from)
      if (here === 0) continue
      const file = `${name}/${part!.shards[shard].file}`
      const bytes = await folder.read(file, from * tokenBytes, here * tokenBytes)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let i = 0; i < here; i++) {
        const id = tokenBytes === 2 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true)
        if (id >= vocabSize) {
          throw new FormatError(`${file}: token ${from + i}: id ${id} is not in the vocabulary of ${vocabSize}`)
        }
        ids[filled + i] = id
      }
      filled += here
    }
    return ids
  }
  return { length: part.tokens, vocabSize, index, separator: index.separator, rowTokens: index.rowTokens, read }
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
