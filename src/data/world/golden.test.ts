import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { world } from './world.ts'

// Texts and entropies as they were before there were genres: runs that are named by them must find themselves again.
const golden = [
  [{}, 'b6d1dd498df12c42b98e8ce5e25bb56e89a6a6a52ed411202a13e35cef9e9036', 10.32862817232706],
  [{ families: 1, villages: 2 }, 'b1f5cdc79d521c01d3b83a393efcc144b9b152b4aed3ac62b11be9ebcf27e4a7', 8.837234970162502],
  [
    { families: 8, villages: 16, seed: 7 },
    'f0eb3ef8b97685ae0ba45f572667e20c7873614685f640202deabb76bc1dc66f',
    10.527585157875901,
  ],
] as const

it.each(golden)('the world of %j keeps its bits', (options, sha256, nats) => {
  const { document, entropyNatsPerDocument } = world(options)
  const hash = createHash('sha256')
  for (let i = 0; i < 2000; i++) hash.update(document(i).text)
  expect(hash.digest('hex')).toBe(sha256)
  expect(entropyNatsPerDocument).toBe(nats)
})
