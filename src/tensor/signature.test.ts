import { describe, expect, it } from 'vitest'
import { type DType, ShapeError } from '../base/index.ts'
import { signature } from './signature.ts'
import type { Spec } from './tensor.ts'

const spec = (shape: number[], dtype: DType = 'f32'): Spec => ({ shape, dtype })
const infer = (text: string, ...inputs: (Spec | null)[]) => signature(text).infer('op', inputs)

describe('a signature', () => {
  it('gives outputs the sizes of the letters', () => {
    const attention = 'q: B T H D, k: B S G D -> out: B T H D, lse: B H T'
    expect(infer(attention, spec([2, 5, 4, 8]), spec([2, 7, 1, 8]))).toEqual([spec([2, 5, 4, 8]), spec([2, 4, 5])])
  })

  it('lets … stand for any number of leading axes, none among them', () => {
    const norm = 'x: … C, gain: C -> y: … C, scale: …'
    expect(infer(norm, spec([2, 3, 4]), spec([4]))).toEqual([spec([2, 3, 4]), spec([2, 3])])
    expect(infer(norm, spec([4]), spec([4]))).toEqual([spec([4]), spec([])])
  })

  it('takes leading axes from whichever input has them first', () => {
    expect(infer('table: V C, ids: i32 … -> y: … C', spec([9, 4]), spec([2, 3], 'i32'))).toEqual([spec([2, 3, 4])])
  })

  it('takes numbers as sizes, and a dtype before them', () => {
    expect(infer('x: 3 -> y: i32 4', spec([3]))).toEqual([spec([4], 'i32')])
    expect(() => infer('x: 3 -> y: 4', spec([2]))).toThrow('op: x must be [3], got [2]')
  })

  it('lets optional inputs be absent, and checks them when they are there', () => {
    const norm = 'x: … C, bias?: C -> y: … C'
    expect(infer(norm, spec([2, 4]), null)).toEqual([spec([2, 4])])
    expect(infer(norm, spec([2, 4]))).toEqual([spec([2, 4])])
    expect(infer(norm, spec([2, 4]), spec([4]))).toEqual([spec([2, 4])])
    expect(() => infer(norm, spec([2, 4]), spec([3]))).toThrow('op: C is 4 in x [2, 4] but 3 in bias [3]')
  })

  it('reads and writes f32 where no dtype stands, f32 or bf16 where real stands', () => {
    expect(infer('x: real C -> y: C', spec([4], 'bf16'))).toEqual([spec([4])])
    expect(infer('x: real C -> y: C', spec([4]))).toEqual([spec([4])])
    expect(() => infer('x: real C -> y: C', spec([4], 'i32'))).toThrow('op: x must be f32 or bf16, got i32 [4]')
    expect(() => infer('x: C -> y: C', spec([4], 'bf16'))).toThrow('op: x must be f32, got bf16 [4]')
    expect(() => infer('ids: i32 C -> y: C', spec([4]))).toThrow('op: ids must be i32, got f32 [4]')
  })

  it.each<[string, (Spec | null)[], string]>([
    ['x: B C -> y: C', [spec([4])], 'op: x must be [B, C], got [4]'],
    ['x: B C -> y: C', [spec([1, 2, 3])], 'op: x must be [B, C], got [1, 2, 3]'],
    ['x: … B C -> y: C', [spec([3])], 'op: x must be […, B, C], got [3]'],
    ['x: C C -> y: C', [spec([3, 4])], 'op: C is 3 in x [3, 4] but 4 in x [3, 4]'],
    ['x: C, y: C -> z: C', [spec([3])], 'op: input y is missing'],
    ['x: C, y: C -> z: C', [spec([3]), null], 'op: input y is missing'],
    [
      'x: … C, y: … C -> z: C',
      [spec([2, 3]), spec([5, 3])],
      'op: leading axes are [2] in x [2, 3] but [5] in y [5, 3]',
    ],
  ])('%s says what is wrong', (text, inputs, message) => {
    expect(() => infer(text, ...inputs)).toThrow(ShapeError)
    expect(() => infer(text, ...inputs)).toThrow(message)
  })
})
