import { describe, expect, it } from 'vitest'
import { batches } from './batches.ts'
import { moveBatches } from './move-batches.ts'
import { type TokenSource, tokenSource } from './tokens.ts'

const ids = Uint32Array.from({ length: 601 }, (_, i) => i)

/** Where the rows of `count` batches from a state begin. */
function starts(
  source: TokenSource,
  size: { batch: number; tokens: number },
  state: { seed: number; step: number; extraRows?: number },
  count: number,
  order?: 'shuffled' | 'stored',
): number[] {
  const data = batches(source, { ...size, state, order })
  return Array.from({ length: count }, (_, i) => data.startsOf(state.step + i)).flat()
}

describe('batches of another size', () => {
  it.each([
    [6, 4],
    [4, 10],
    [5, 1],
  ])('from %i rows to %i are the same rows in the same order, over the end of an epoch', (before, after) => {
    const tokens = 10 // 60 rows an epoch
    const source = tokenSource(ids)
    const whole = starts(source, { batch: 1, tokens }, { seed: 3, step: 0 }, 150, 'shuffled')
    const first = starts(source, { batch: before, tokens }, { seed: 3, step: 0 }, 7, 'shuffled')
    const { state, skippedTokens } = moveBatches(
      source,
      { seed: 3, step: 7 },
      { batch: before, tokens },
      { batch: after, tokens },
      'shuffled',
    )
    const second = starts(source, { batch: after, tokens }, state, 10, 'shuffled')
    expect([...first, ...second]).toEqual(whole.slice(0, 7 * before + 10 * after))
    expect(skippedTokens).toBe(0)
    expect(state.step).toBe(7)
    // And once more, from where that stands.
    const again = moveBatches(
      source,
      { ...state, step: 17 },
      { batch: after, tokens },
      { batch: before, tokens },
      'shuffled',
    )
    const third = starts(source, { batch: before, tokens }, again.state, 2, 'shuffled')
    expect(third).toEqual(whole.slice(7 * before + 10 * after).slice(0, 2 * before))
  })

  it('keep rows that documents were packed into', () => {
    const packed: TokenSource = { ...tokenSource(ids.subarray(0, 600)), rowTokens: 10, separator: 0 }
    const first = starts(packed, { batch: 6, tokens: 9 }, { seed: 3, step: 0 }, 5)
    const { state } = moveBatches(packed, { seed: 3, step: 5 }, { batch: 6, tokens: 9 }, { batch: 15, tokens: 9 })
    const rest = starts(packed, { batch: 15, tokens: 9 }, state, 2)
    expect([...first, ...rest].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i * 10))
  })

  it('of a curriculum go on behind what was read, and leave out less than a row', () => {
    const source: TokenSource = { ...tokenSource(ids), ordered: true }
    // 2 epochs of 60 rows and 7 rows more: 70 tokens read.
    const state = { seed: 1, step: 127 }
    const move = moveBatches(source, state, { batch: 1, tokens: 10 }, { batch: 2, tokens: 16 })
    expect(move.skippedTokens).toBe(10) // row 5 of 16 begins at 80
    expect(starts(source, { batch: 2, tokens: 16 }, move.state, 1)).toEqual([80, 96])
    expect(move.note).toMatch(/^the order stays; 10 tokens are left out/)
    // At the very end of an epoch the next begins.
    const end = moveBatches(source, { seed: 1, step: 59 }, { batch: 1, tokens: 10 }, { batch: 1, tokens: 400 })
    expect([end.skippedTokens, ...starts(source, { batch: 1, tokens: 400 }, end.state, 1)]).toEqual([10, 0])
  })

  it('of another length, shuffled, begin with the next epoch', () => {
    const source = tokenSource(ids)
    const move = (step: number) =>
      moveBatches(source, { seed: 1, step }, { batch: 4, tokens: 10 }, { batch: 4, tokens: 20 }, 'shuffled')
    expect([move(20).skippedTokens, move(20).state]).toEqual([400, { seed: 1, step: 20, extraRows: 60 - 80 }])
    expect(starts(source, { batch: 4, tokens: 20 }, move(20).state, 1, 'shuffled')).toEqual(
      starts(source, { batch: 1, tokens: 20 }, { seed: 1, step: 60 }, 4, 'shuffled'),
    )
    // Between two epochs nothing is lost.
    expect([move(30).skippedTokens, move(30).state.extraRows]).toEqual([0, 60 - 120])
  })

  it('at random places draw new ones', () => {
    const move = moveBatches(ids, { seed: 1, step: 9 }, { batch: 4, tokens: 10 }, { batch: 8, tokens: 20 })
    expect(move.state).toEqual({ seed: 1, step: 9 })
    expect(move.note).toMatch(/random places/)
  })
})
