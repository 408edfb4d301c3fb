import { describe, expect, it } from 'vitest'
import { type Prefix, type PrefixCache, prefixCache } from './prefix-cache.ts'

/** Pages of a text, told to the tree; held until they are let go. */
function write(cache: PrefixCache, ids: readonly number[]): number[] {
  const pages: number[] = []
  let after: Prefix = cache.root
  for (let from = 0; from + 16 <= ids.length; from += 16) {
    const page = cache.pool.take()
    after = cache.insert(after, ids, from, page)
    if (after.page !== page) {
      cache.pool.hold(after.page)
      cache.pool.letGo(page)
    }
    pages.push(after.page)
  }
  return pages
}
const letGo = (cache: PrefixCache, pages: number[]) => {
  for (const page of pages.toReversed()) cache.pool.letGo(page)
}
const ids = (length: number, from = 0) => Array.from({ length }, (_, i) => (i + from) * 40_000)
const pagesOf = (found: Prefix[]) => found.map(({ page }) => page)

describe('prefixCache', () => {
  it('finds the longest known beginning in whole pages', () => {
    const cache = prefixCache(8)
    const pages = write(cache, ids(48))
    expect(pagesOf(cache.find(ids(48), 48))).toEqual(pages)
    expect(pagesOf(cache.find(ids(48), 47))).toEqual(pages.slice(0, 2))
    expect(pagesOf(cache.find([...ids(33), 1, ...ids(20)], 54))).toEqual(pages.slice(0, 2))
    expect(cache.find([7, ...ids(48)], 49)).toEqual([])
    cache.check()
  })

  it('holds what texts have in common once', () => {
    const cache = prefixCache(8)
    const one = write(cache, ids(48))
    const other = write(cache, [...ids(32), ...ids(16, 100)])
    expect(other.slice(0, 2)).toEqual(one.slice(0, 2))
    expect(cache.size).toBe(4)
    expect(one.map((page) => cache.pool.holders(page))).toEqual([2, 2, 1])
    cache.check()
  })

  it('gives away leaves first, and what was not used for longest', () => {
    const cache = prefixCache(4)
    const one = write(cache, ids(32))
    letGo(cache, one)
    const other = write(cache, ids(32, 50))
    letGo(cache, other)
    expect(cache.pool.kept).toBe(4)
    expect([cache.pool.take(), cache.pool.take()]).toEqual([one[1], one[0]])
    cache.check()
    expect(cache.find(ids(32), 32)).toEqual([])
    expect(pagesOf(cache.find(ids(32, 50), 32))).toEqual(other)
    expect(cache.pool.take()).toBe(other[1])
    expect(pagesOf(cache.find(ids(32, 50), 32))).toEqual([other[0]])
  })

  it('forgets what nobody holds when it is cleared, and everything when it is told to remember nothing', () => {
    const cache = prefixCache(4)
    const held = write(cache, ids(16))
    letGo(cache, write(cache, ids(32, 50)))
    cache.clear()
    cache.check()
    expect([cache.size, cache.pool.kept, cache.pool.available]).toEqual([1, 0, 3])
    expect(pagesOf(cache.find(ids(16), 16))).toEqual(held)
    const none = prefixCache(4, false)
    letGo(none, [none.pool.take()])
    expect([none.find(ids(16), 16), none.pool.kept]).toEqual([[], 0])
  })
})
