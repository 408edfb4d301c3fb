/** What may come next in one text; made anew for each. */
export interface TokenConstraint {
  /** One bit an id, 32 to a word, lowest first: whether the token may come next. Not to be changed, and good until `accept`. */
  allowed(): Uint32Array
  /** Goes on after `id`. @throws ConfigError when it is not allowed */
  accept(id: number): void
  /** Whether the text may end here. */
  readonly mayEnd: boolean
  /** Whether it must: nothing may follow. */
  readonly mustEnd: boolean
  /** Another one that stands where this one does. */
  clone(): TokenConstraint
}
