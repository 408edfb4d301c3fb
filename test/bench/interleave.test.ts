import { expect, it } from 'vitest'
import { interleave } from '../../bench/runner/interleave.ts'

it('warms everybody up, then samples in turn, every second round backwards', async () => {
  const order: string[] = []
  const sampler = (name: string) => async () => order.push(name)
  const samples = await interleave({ a: sampler('a'), b: sampler('b') }, { rounds: 3 })
  expect(order.join('')).toBe('ba' + 'ab' + 'ba' + 'ab')
  // A sampler returns how many there were: what was seen in the first round is left out.
  expect(samples).toEqual({ a: [3, 6, 7], b: [4, 5, 8] })
})
