import { expect, it } from 'vitest'
import { openBackend } from '../../src/node/index.ts'
import { comparePrecisions } from './precision.ts'

it('trains in bf16 as in f32: the curves differ by less than those of other first weights', async () => {
  const backend = await openBackend()
  const { difference, noise, first, last } = await comparePrecisions(backend, 240, [1, 2, 3])
  await backend.close()
  expect(last).toBeLessThan(first - 2)
  expect(Math.abs(difference)).toBeLessThan(noise)
}, 120_000)
