import type { Model } from '../../stages.ts'

/** Byte-pair encoding over bytes, or over characters. */
export interface BpeModel extends Model {
  readonly byteLevel: boolean
  /** The bytes of a token; undefined for ids that stand for none. Not to be written to. */
  bytesOf(id: number): Uint8Array | undefined
  /** Pairs of ids as files list them, in the order in which they merge. */
  merges(): readonly (readonly [left: number, right: number])[]
}
