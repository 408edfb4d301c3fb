import type { Alphabet } from './alphabet.ts'

/**
 * What a compiled pattern does, one number per operation, followed in the code by its operands. `row` is where in
 * `rows` the row of a set begins; `to` is a place in the code; `register` the first of a pair of registers.
 */
export const op = {
  /** The match ends here. */
  accept: 0,
  /** row: one character of the set. */
  one: 1,
  /** row, min, max: as many as there are, never fewer again. */
  run: 2,
  /** row, min, max, row of what may follow: as many as there are, later fewer. */
  greedy: 3,
  /** row, min, max, row of what may follow: as few as can be, later more. */
  lazy: 4,
  /** table: the places to try, in order, by the next letter. */
  choose: 5,
  /** to */
  jump: 6,
  /** row: the next letter, or the end of the text, is in the set. */
  ahead: 7,
  /** row: the letter before, or the start of the text (as the end), is in the set. */
  behind: 8,
  /** row of word characters, 1 for an edge and 0 for none. */
  edge: 9,
  lineStart: 10,
  lastLineEnd: 11,
  /** to, on failure (−1 for none): opens a part that is matched apart. */
  open: 12,
  /** to, on failure; min, max: opens a part that must end here and begin min to max characters earlier. */
  openBehind: 13,
  /** Closes a part for good, with all other ways to match it. */
  commit: 14,
  /** Closes a part and goes back to where it was opened. */
  rewind: 15,
  /** Closes a part that must not match. */
  refuse: 16,
  /** Fails unless the part ends where it was opened. */
  arrived: 17,
  /** register: a counted loop begins. */
  count: 18,
  /** register, min, max, 1 for lazy, to, when it ends: the head of a counted loop; its body follows. */
  loop: 19,
  /** register: a group begins. */
  begin: 20,
  /** register: a group ends. */
  finish: 21,
  /** register: remembers the pair, for when a closed part is undone. */
  keep: 22,
  /** register, 1 for ignoring case: what a group matched. */
  again: 23,
} as const

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
