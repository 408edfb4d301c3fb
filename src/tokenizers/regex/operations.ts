/**
 * What a compiled pattern does, one number per operation, followed in the code by its operands. `row` is where in
 * `rows` the row of a set begins; `to` is a place in the code; `register` the first of a pair of registers.
 */

/** The match ends here. */
export const accept = 0
/** row: one character of the set. */
export const one = 1
/** row, min, max: as many as there are, never fewer again. */
export const run = 2
/** row, min, max, row of what may follow: as many as there are, later fewer. */
export const greedy = 3
/** row, min, max, row of what may follow: as few as can be, later more. */
export const lazy = 4
/** table: the places to try, in order, by the next letter. */
export const choose = 5
/** to */
export const jump = 6
/** row: the next letter, or the end of the text, is in the set. */
export const ahead = 7
/** row: the letter before, or the start of the text (as the end), is in the set. */
export const behind = 8
/** row of word characters, 1 for an edge and 0 for none. */
export const edge = 9
export const lineStart = 10
export const lastLineEnd = 11
/** to, on failure (−1 for none): opens a part that is matched apart. */
export const open = 12
/** to, on failure; min, max: opens a part that must end here and begin min to max characters earlier. */
export const openBehind = 13
/** Closes a part for good, with all other ways to match it. */
export const commit = 14
/** Closes a part and goes back to where it was opened. */
export const rewind = 15
/** Closes a part that must not match. */
export const refuse = 16
/** Fails unless the part ends where it was opened. */
export const arrived = 17
/** register: a counted loop begins. */
export const count = 18
/** register, min, max, 1 for lazy, to, when it ends: the head of a counted loop; its body follows. */
export const loop = 19
/** register: a group begins. */
export const begin = 20
/** register: a group ends. */
export const finish = 21
/** register: remembers the pair, for when a closed part is undone. */
export const keep = 22
/** register, 1 for ignoring case: what a group matched. */
export const again = 23
