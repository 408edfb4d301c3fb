import { ConfigError } from '../../../base/index.ts'
import { buildDoubleArray } from './build-double-array.ts'

/**
 * The bytes of a `precompiled_charsmap` that says the same as `rules`; SentencePiece can read it.
 *
 * @param rules what to replace, and by what
 * @throws ConfigError when what to replace is empty, has a NUL, or comes twice
 *
 * @example
 * buildCharsmap([['ﬁ', 'fi']]).length // 4 + 4 * 256 + 3
 */
export function buildCharsmap(rules: Iterable<readonly [string, string]>): Uint8Array {
  const encoder = new TextEncoder()
  const sorted = Array.from(rules, ([from, to]) => ({ from, key: encoder.encode(from), to })).sort((a, b) =>
    inOrder(a.key, b.key),
  )
  sorted.forEach(({ from, key }, i) => {
    if (key.length === 0 || key.includes(0)) throw new ConfigError('charsmap: what is replaced is empty or has a NUL')
    if (i > 0 && inOrder(sorted[i - 1].key, key) === 0) throw new ConfigError(`charsmap: ${from} comes twice`)
  })
  // No rules are written as no bytes.
  if (sorted.length === 0) return new Uint8Array(0)
  const places = new Map<string, number>()
  const texts: Uint8Array[] = []
  let end = 0
  for (const { to } of sorted) {
    if (places.has(to)) continue
    places.set(to, end)
    const text = encoder.encode(`${to}\0`)
    texts.push(text)
    end += text.length
  }
  const units = buildDoubleArray(
    sorted.map(({ key }) => key),
    sorted.map(({ to }) => places.get(to)!),
  )
  const bytes = new Uint8Array(4 + 4 * units.length + end)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 4 * units.length, true)
  for (const [i, unit] of units.entries()) view.setUint32(4 + 4 * i, unit, true)
  let at = 4 + 4 * units.length
  for (const text of texts) {
    bytes.set(text, at)
    at += text.length
  }
  return bytes
}

function inOrder(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return a.length - b.length
}
