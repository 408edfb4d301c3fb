import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockPool } from './block-pool.ts'

describe('blockPool', () => {
  it('keeps its books under any calls', () => {
    const call = fc.record({ what: fc.constantFrom('take', 'hold', 'let go', 'keep', 'forget'), which: fc.nat(30) })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(call, { maxLength: 200 }), (size, calls) => {
        const forgotten: number[] = []
        const kept: number[] = []
        const pool = blockPool(size, (page) => {
          // The one that was let go first.
          expect(page).toBe(kept.shift())
          forgotten.push(page)
        })
        const held: number[] = []
        const known = new Set<number>()
        for (const { what, which } of calls) {
          const page = held[which % Math.max(1, held.length)]
          if (what === 'take') {
            const before = forgotten.length
            const taken = pool.take()
            if (taken < 0) expect(new Set(held).size).toBe(size)
            else {
              expect(held).not.toContain(taken)
              expect(forgotten.slice(before)).toEqual(known.has(taken) ? [taken] : [])
              known.delete(taken)
              held.push(taken)
            }
          } else if (what === 'forget') {
            for (const each of kept) known.delete(each)
            pool.forgetKept()
            expect(kept).toEqual([])
          } else if (what === 'hold' && which % 2 === 0 && kept.length > 0) {
            const [revived] = kept.splice(which % kept.length, 1)
            pool.hold(revived)
            held.push(revived)
          } else if (page !== undefined) {
            if (what === 'hold') {
              pool.hold(page)
              held.push(page)
            } else if (what === 'keep') {
              pool.keep(page)
              known.add(page)
            } else if (what === 'let go') {
              held.splice(which % held.length, 1)
              if (!held.includes(page) && known.has(page)) kept.push(page)
              pool.letGo(page)
            }
          }
          pool.check()
          expect(pool.kept).toBe(kept.length)
          expect(pool.available).toBe(size - new Set(held).size)
          for (let each = 0; each < size; each++)
            expect(pool.holders(each)).toBe(held.filter((other) => other === each).length)
        }
      }),
    )
  })

  it('notices what its users do wrong', () => {
    const pool = blockPool(2)
    const page = pool.take()
    pool.letGo(page)
    expect(() => pool.letGo(page)).toThrow('let go by more than hold it')
    expect(() => pool.hold(page)).toThrow('is free and cannot be held')
    expect(() => pool.keep(page)).toThrow('is free and cannot be kept')
    expect(() => blockPool(0)).toThrow('at least one page')
  })
})
