import type { Prefix } from './prefix-cache.ts'

/** What a text wants to know of its tokens: logits after the newest one, logits after each, or the features of each. */
export type Wanted = 'next' | 'each' | 'features'

/** One text as the scheduler sees it: its ids, and how far the cache has come with them. */
export interface Text {
  /** Ids so far in `ids[0, length)`. */
  ids: Int32Array
  length: number
  /** Tokens whose keys and values are in the cache. */
  computed: number
  /** Pages that hold them, and room for those that come next. */
  readonly pages: number[]
  /** The last full page that the prefix cache was told of. */
  prefix?: Prefix
  /** How many full pages it was told of. */
  told: number
  readonly wanted: Wanted
  /** Greater goes first. */
  readonly priority: number
  /** By which texts are served, the least first; given by the scheduler. */
  order: number
  /** Which of equal orders came first. */
  arrival: number
  state: 'new' | 'waiting' | 'running' | 'ended'
  /** Tokens that did not have to be computed when it was last let in. */
  shared: number
}

/** A text that begins with `ids`. */
export function newText(
  ids: ArrayLike<number>,
  { wanted = 'next', priority = 0 }: Partial<Pick<Text, 'wanted' | 'priority'>> = {},
): Text {
  const own = new Int32Array(Math.max(64, 2 * ids.length))
  own.set(ids)
  const text: Text = {
    ids: own,
    length: ids.length,
    computed: 0,
    pages: [],
    told: 0,
    wanted,
    priority,
    order: 0,
    arrival: 0,
    state: 'new',
    shared: 0,
  }
  return text
}

/** Writes one more id. */
export function append(text: Text, id: number): void {
  if (text.length === text.ids.length) {
    const larger = new Int32Array(2 * text.length)
    larger.set(text.ids)
    text.ids = larger
  }
  text.ids[text.length++] = id
}
