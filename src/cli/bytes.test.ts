import { expect, it } from 'vitest'
import { parseBytes } from './bytes.ts'

it.each([
  ['2GB', 2e9],
  ['2 gb', 2e9],
  ['1.5G', 1.5e9],
  ['512MiB', 512 * 2 ** 20],
  ['1TiB', 2 ** 40],
  ['100k', 1e5],
  ['4096', 4096],
  ['4096 B', 4096],
])('reads %j', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

it.each(['', 'GB', '2 XB', '-2GB', '2GBs', '0', '0.1', '1e9', '9'.repeat(20)])('knows %j is no size', (text) => {
  expect(parseBytes(text)).toBeUndefined()
})
