import type { Model } from '../../stages.ts'
import type { CharacterOptions } from './symbols.ts'

/** Byte-pair encoding over bytes, or over characters. */
export interface BpeModel extends Model {
  readonly byteLevel: boolean
  /** The bytes of a token of a byte-level model; undefined for ids that stand for none. Not to be written to. */
  bytesOf(id: number): Uint8Array | undefined
  /** Pairs of ids as files list them, in the order in which they merge; of a pair that comes twice, its last place. */
  merges(): readonly (readonly [left: number, right: number])[]
}

/** A vocabulary with its merges, spelled and named as in tokenizer.json. */
export interface BpeModelOptions extends CharacterOptions {
  /** Ids by token. */
  readonly vocab: ReadonlyMap<string, number>
  /** Tokens that merge, in order; of a pair that comes twice, its last place counts. */
  readonly merges: readonly (readonly [left: string, right: string])[]
  /**
   * Whether tokens are bytes, spelled in the byte alphabet. All 256 bytes must be tokens then, and the
   * {@link CharacterOptions} mean nothing.
   */
  readonly byteLevel?: boolean
  /** Whether a piece that is a token becomes it without merging. */
  readonly ignoreMerges?: boolean
  /** The probability with which each merge is left out for a while, 0 unless said (Provilkov et al. 2020). */
  readonly dropout?: number
  /** Of the dropout; 0 unless said. */
  readonly seed?: number
}
