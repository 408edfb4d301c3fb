import { AlippeError, ConfigError } from '../base/index.ts'

/**
 * Who holds which page of a cache. A page is held by any number of texts; one that nobody holds is free, or, when the prefix
 * cache still knows what is in it, kept until room is needed: the one that was let go first goes first.
 */
export interface BlockPool {
  /** P: pages in all. */
  readonly size: number
  /** Pages that {@link take} can give: the free ones and the kept ones. */
  readonly available: number
  /** Pages that nobody holds, and whose contents are known. */
  readonly kept: number
  /** A page for one holder. @returns −1 when all are held */
  take(): number
  /** One holder more, of a page that is held or kept. */
  hold(page: number): void
  /** One holder less. */
  letGo(page: number): void
  /** How many hold a page. */
  holders(page: number): number
  /** From now on the page is kept when nobody holds it. */
  keep(page: number): void
  /** Makes all kept pages free. */
  forgetKept(): void
  /** @throws AlippeError when the books do not balance: a fault of ours, never of a caller's */
  check(): void
}

/** No neighbour in the list of kept pages. */
const NONE = -1

/**
 * A pool in which all pages are free.
 *
 * @param size pages
 * @param forgotten is told of each kept page that is given to somebody else
 * @example
 * const pool = blockPool(2)
 * const page = pool.take()
 * pool.hold(page)
 * pool.holders(page) // 2
 * pool.available // 1
 */
export function blockPool(size: number, forgotten: (page: number) => void = () => {}): BlockPool {
  if (!Number.isInteger(size) || size < 1)
    throw new ConfigError(`blockPool: there must be at least one page, got ${size}`)
  const held = new Int32Array(size)
  const known = new Uint8Array(size)
  /** Free pages, the next to give last. */
  const free = Int32Array.from({ length: size }, (_, i) => size - 1 - i)
  let frees = size
  // Kept pages as a list of neighbours, in the order in which they were let go.
  const before = new Int32Array(size).fill(NONE)
  const after = new Int32Array(size).fill(NONE)
  let oldest = NONE
  let newest = NONE
  let kept = 0

  const link = (page: number) => {
    before[page] = newest
    after[page] = NONE
    if (newest === NONE) oldest = page
    else after[newest] = page
    newest = page
    kept++
  }
  const unlink = (page: number) => {
    if (before[page] === NONE) oldest = after[page]
    else after[before[page]] = after[page]
    if (after[page] === NONE) newest = before[page]
    else before[after[page]] = before[page]
    kept--
  }
  const forget = (page: number) => {
    unlink(page)
    known[page] = 0
    forgotten(page)
  }
  const fault = (fact: string) => new AlippeError('ALIPPE_BLOCKS', `pages of the cache: ${fact}`)

  return {
    size,
    get available() {
      return frees + kept
    },
    get kept() {
      return kept
    },
    take() {
      let page = oldest
      if (frees > 0) page = free[--frees]
      else if (page !== NONE) forget(page)
      if (page !== NONE) held[page] = 1
      return page
    },
    hold(page) {
      if (held[page] === 0) {
        if (!known[page]) throw fault(`page ${page} is free and cannot be held`)
        unlink(page)
      }
      held[page]++
    },
    letGo(page) {
      if (held[page] === 0) throw fault(`page ${page} is let go by more than hold it`)
      if (--held[page] > 0) return
      if (known[page]) link(page)
      else free[frees++] = page
    },
    holders: (page) => held[page],
    keep(page) {
      if (held[page] === 0) throw fault(`page ${page} is free and cannot be kept`)
      known[page] = 1
    },
    forgetKept() {
      while (oldest !== NONE) {
        const page = oldest
        forget(page)
        free[frees++] = page
      }
    },
    check() {
      const places = new Uint8Array(size)
      for (let i = 0; i < frees; i++) {
        const page = free[i]
        if (places[page]++) throw fault(`page ${page} is free twice`)
        if (held[page] !== 0 || known[page]) throw fault(`page ${page} is free, yet held or known`)
      }
      let linked = 0
      for (let page = oldest, last = NONE; page !== NONE; last = page, page = after[page]) {
        if (places[page]++) throw fault(`page ${page} is kept twice, or free and kept`)
        if (held[page] !== 0 || !known[page]) throw fault(`page ${page} is kept, yet held or unknown`)
        if (before[page] !== last) throw fault(`page ${page} has a wrong neighbour`)
        linked++
      }
      if (linked !== kept) throw fault(`${linked} pages are in the list of the kept, but ${kept} are counted`)
      const lost = places.findIndex((place, page) => (place === 0) !== held[page] > 0)
      if (lost >= 0) throw fault(`page ${lost} is neither held, kept nor free`)
    },
  }
}
