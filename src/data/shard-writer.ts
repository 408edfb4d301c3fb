import { DataError } from '../base/index.ts'
import type { Folder } from './folder.ts'
import type { ShardSplit } from './shard-index.ts'

export interface ShardWriterOptions {
  readonly folder: Folder
  /** Put before the names of files: `name/`. */
  readonly path: string
  /** Begins the names of files: `train`. */
  readonly split: string
  /** Little-endian bytes of an id. */
  readonly tokenBytes: 2 | 4
  /** Ids of a full shard; this many are held in memory. */
  readonly shardTokens: number
}

/** Gathers the ids of one split and writes a file whenever a shard is full. */
export class ShardWriter {
  documents = 0
  textBytes = 0
  #options: ShardWriterOptions
  #ids: Uint16Array | Uint32Array
  #filled = 0
  #total = 0
  #shards: { file: string; tokens: number }[] = []

  constructor(options: ShardWriterOptions) {
    this.#options = options
    const { tokenBytes, shardTokens } = options
    this.#ids = tokenBytes === 2 ? new Uint16Array(shardTokens) : new Uint32Array(shardTokens)
  }

  async add(ids: Uint32Array | Uint16Array): Promise<void> {
    for (let at = 0; at < ids.length; ) {
      const count = Math.min(ids.length - at, this.#ids.length - this.#filled)
      this.#ids.set(ids.subarray(at, at + count), this.#filled)
      this.#filled += count
      at += count
      if (this.#filled === this.#ids.length) await this.#write()
    }
  }

  async finish(): Promise<ShardSplit> {
    if (this.#filled > 0) await this.#write()
    return { documents: this.documents, tokens: this.#total, textBytes: this.textBytes, shards: this.#shards }
  }

  async #write(): Promise<void> {
    const { folder, path, split } = this.#options
    const file = `${split}-${String(this.#shards.length).padStart(5, '0')}.bin`
    await folder.write(path + file, littleEndian(this.#ids.subarray(0, this.#filled)))
    this.#shards.push({ file, tokens: this.#filled })
    this.#total += this.#filled
    this.#filled = 0
  }
}

/**
 * The bytes of ids. Every machine that runs JavaScript engines of today is little-endian; this says so if one is not.
 *
 * @example
 * littleEndian(Uint16Array.of(258)) // [2, 1]
 */
export function littleEndian(ids: Uint16Array | Uint32Array): Uint8Array {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) throw new DataError('shards: this machine is big-endian')
  return new Uint8Array(ids.buffer as ArrayBuffer, ids.byteOffset, ids.byteLength)
}
