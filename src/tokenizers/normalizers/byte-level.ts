import { characterOfByte } from '../byte-alphabet.ts'
import type { Normalizer } from '../stages.ts'
import { rewritten } from './rewrite.ts'

/**
 * Spells every byte of UTF-8 as a character of the byte alphabet.
 *
 * @example
 * byteLevelNormalizer().normalize('сөз') // 'ÑģÓ©Ð·'
 */
export function byteLevelNormalizer(): Normalizer {
  return { json: { type: 'ByteLevel' }, normalize: (text, sources) => rewritten(text, bytesOfCharacter, sources) }
}

function bytesOfCharacter(code: number): string | undefined {
  if (code < 0x80) return code > 0x20 && code < 0x7f ? undefined : characterOfByte[code]
  const rest = characterOfByte[0x80 | (code & 0x3f)]
  if (code < 0x800) return characterOfByte[0xc0 | (code >> 6)] + rest
  const middle = characterOfByte[0x80 | ((code >> 6) & 0x3f)] + rest
  if (code < 0x10000) return characterOfByte[0xe0 | (code >> 12)] + middle
  return characterOfByte[0xf0 | (code >> 18)] + characterOfByte[0x80 | ((code >> 12) & 0x3f)] + middle
}
