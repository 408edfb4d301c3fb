import { describe, expect, it } from 'vitest'
import { add, convert, gelu, input, matmul, sin, state } from '../tensor/index.ts'
import { explain } from './explain.ts'
import { plan } from './plan.ts'

describe('explain', () => {
  it('shows each call with what it reads, writes and costs, and the totals', () => {
    const h = gelu(add(matmul(input('x', [2, 3]), state('w', [3, 4])), state('b', [4])))
    expect(explain(plan({ outputs: { y: convert(sin(add(h, h)), 'bf16') } })).split('\n')).toEqual([
      '   kernel   inputs → outputs                      work  traffic',
      '0  matmul   @40[2, 3] w[3, 4] b[4] → @0[2, 4]  64 FLOP    120 B',
      '1  add·sin  @0[2, 4] → @40[2, 4]bf16           16 FLOP     48 B',
      '',
      'arena at its fullest: inputs 24 B, activations 32 B, gaps 72 B',
      '2 calls · arena 128 B · state 64 B · 80 FLOP · 168 B moved',
    ])
  })
})
