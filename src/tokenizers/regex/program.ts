import type { Alphabet } from './alphabet.ts'

/** A compiled pattern. */
export interface Program extends Omit<Alphabet, 'rows'> {
  /** As written, for errors. */
  readonly pattern: string
  readonly code: Int32Array
  /** Rows of sets, one behind the other: 1 for each letter of the set. */
  readonly rows: Uint8Array
  /** For each choice and letter, where in `lists` its list begins. */
  readonly tables: Int32Array
  /** Lists of places in the code; −1 ends each. */
  readonly lists: Int32Array
  readonly registers: number
  /** The row of letters with which a match may begin. */
  readonly start: number
}
