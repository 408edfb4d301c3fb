import { AlippeError } from '../base/index.ts'
import { PAGE } from '../tensor/index.ts'
import { type BlockPool, blockPool } from './block-pool.ts'

/** A full page in the tree: what it holds follows what its ancestors hold. The root stands for the beginning of texts. */
export interface Prefix {
  /** −1 for the root. */
  readonly page: number
  readonly parent?: Prefix
  /** The pages that follow, by the ids in them. */
  readonly next: Map<string, Prefix>
}

/**
 * What pages hold, as a tree: texts that begin with the same ids share the pages of these ids. Only full pages are in it, and a page
 * leaves it when the pool gives the page away. Whoever holds a page holds those before it, and lets them go after it; so the pool
 * always gives away a leaf first.
 *
 * Source: Zheng et al. 2024 (SGLang), §3; pages as in Kwon et al. 2023, §4.
 */
export interface PrefixCache {
  readonly pool: BlockPool
  readonly root: Prefix
  /** Pages in the tree. */
  readonly size: number
  /** The longest known beginning of `ids[0, length)` in whole pages; holds nothing. */
  find(ids: ArrayLike<number>, length: number): Prefix[]
  /**
   * Tells that a page, which the caller holds, is full. Where the tree has these ids already, it stays as it is, and the caller
   * had better hold the page that it gives.
   *
   * @param after what stands before; the caller holds it
   * @param from where the page's ids begin
   */
  insert(after: Prefix, ids: ArrayLike<number>, from: number, page: number): Prefix
  /** Forgets everything that nobody holds: when weights have changed. */
  clear(): void
  /** @throws AlippeError when pool or tree are not as they should be */
  check(): void
}

/**
 * An empty tree over a pool of its own.
 *
 * @param size pages
 * @param remembers false for a tree that stays empty
 */
export function prefixCache(size: number, remembers = true): PrefixCache {
  const root: Prefix = { page: -1, next: new Map() }
  const known = new Map<number, { readonly prefix: Prefix; readonly key: string }>()
  const pool = blockPool(size, (page) => {
    const { prefix, key } = known.get(page)!
    prefix.parent!.next.delete(key)
    known.delete(page)
  })
  return {
    pool,
    root,
    get size() {
      return known.size
    },
    find(ids, length) {
      const found: Prefix[] = []
      let at: Prefix | undefined = root
      for (let from = 0; remembers && from + PAGE <= length; from += PAGE) {
        at = at.next.get(keyOf(ids, from))
        if (at === undefined) break
        found.push(at)
      }
      return found
    },
    insert(after, ids, from, page) {
      if (!remembers) return root
      const key = keyOf(ids, from)
      let prefix = after.next.get(key)
      if (prefix === undefined) {
        prefix = { page, parent: after, next: new Map() }
        after.next.set(key, prefix)
        known.set(page, { prefix, key })
        pool.keep(page)
      }
      return prefix
    },
    clear: () => pool.forgetKept(),
    check() {
      pool.check()
      let reached = 0
      const walk = (at: Prefix) => {
        for (const [key, next] of at.next) {
          reached++
          const entry = known.get(next.page)
          const isHeldAlone = at !== root && pool.holders(next.page) > 0 && pool.holders(at.page) === 0
          if (entry?.prefix !== next || entry.key !== key || next.parent !== at || isHeldAlone)
            throw new AlippeError('ALIPPE_BLOCKS', `page ${next.page} hangs in the tree where it should not`)
          walk(next)
        }
      }
      walk(root)
      if (reached !== known.size)
        throw new AlippeError('ALIPPE_BLOCKS', `${known.size} pages are known, but ${reached} are in the tree`)
    },
  }
}

/** The ids of a page as a key: two code units an id. */
function keyOf(ids: ArrayLike<number>, from: number): string {
  let key = ''
  for (let i = from; i < from + PAGE; i++) key += String.fromCharCode(ids[i] & 0xffff, ids[i] >>> 16)
  return key
}
