import { random } from '../../src/base/index.ts'

// Texts that a careless tokenizer takes quadratic time for, or runs out of stack on.

const surrogates = { first: 0xd800, count: 0x800 }

/** Any Unicode scalar value, each as likely as any other. */
export function randomCodePoint(draw: () => number): string {
  const scalar = Math.floor(draw() * (0x110000 - surrogates.count))
  return String.fromCodePoint(scalar < surrogates.first ? scalar : scalar + surrogates.count)
}

function repeated(sizeBytes: number, seed: number, one: (draw: () => number) => string): string {
  const draw = random(seed).next
  const parts: string[] = []
  for (let size = 0; size < sizeBytes; ) {
    const next = one(draw)
    parts.push(next)
    size += Buffer.byteLength(next)
  }
  return parts.join('')
}

/** By name, a text of about as many bytes as are asked for. */
export const extremes: Readonly<Record<string, (sizeBytes: number) => string>> = {
  'one letter': (size) => 'a'.repeat(size),
  spaces: (size) => ' '.repeat(size),
  'random letters': (size) => repeated(size, 1, (draw) => String.fromCharCode(97 + Math.floor(draw() * 26))),
  'random code points': (size) => repeated(size, 2, randomCodePoint),
}
