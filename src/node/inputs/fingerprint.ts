import { createHash } from 'node:crypto'
import type { Input } from './input.ts'

/**
 * Names what is to be read, as far as it can be known without reading: two lists have the same fingerprint when they name
 * the same things in the same order, and each has the same size and version. What the user called them does not matter.
 *
 * @returns 32 hexadecimal digits
 *
 * @example
 * const file = { kind: 'file', name: 'a', path: 'a', source: 'notes', size: 3, version: '17' }
 * fingerprint([file]) === fingerprint([{ ...file, source: 'diary' }]) // true
 * fingerprint([file]) === fingerprint([{ ...file, version: '18' }]) // false
 */
export function fingerprint(inputs: readonly Input[]): string {
  const hash = createHash('sha256')
  for (const input of inputs) {
    const version = input.kind === 'spooled' ? input.sha256 : input.version
    hash.update(`${JSON.stringify([input.kind, input.name, addressOf(input), input.size, version])}\n`)
  }
  return hash.digest('hex').slice(0, 32)
}

function addressOf(input: Input): string {
  if (input.kind === 'file') return input.path
  return input.url ?? ''
}
