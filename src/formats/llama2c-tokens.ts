import { ConfigError } from '../base/index.ts'
import { refuse } from './json.ts'

/** A token of a tokenizer.bin: its bytes, and the score by which merges are ordered. */
export interface Llama2cToken {
  readonly bytes: Uint8Array
  readonly score: number
}

const longestToken = 1 << 16
const mostTokens = 1 << 22

/**
 * Reads the tokenizer.bin of llama2.c: the length of the longest token, then score, length and bytes of each.
 *
 * @throws FormatError for lengths that cannot be, scores that are no numbers, and a file that ends within a token
 * Source: tokenizer.py and run.c of github.com/karpathy/llama2.c.
 *
 * @example
 * const bytes = writeLlama2cTokens([{ bytes: Uint8Array.of(0x68, 0x69), score: -1 }])
 * readLlama2cTokens(bytes)[0].score // -1
 */
export function readLlama2cTokens(bytes: Uint8Array, file = 'tokenizer.bin'): Llama2cToken[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4) refuse(file, 'byte 0', `truncated: 4 bytes are needed, ${bytes.length} are there`)
  const longest = view.getInt32(0, true)
  if (longest < 1 || longest > longestToken) {
    refuse(file, 'byte 0', `the longest token has ${longest} bytes, expected 1 to ${longestToken}`)
  }
  const tokens: Llama2cToken[] = []
  for (let at = 4; at < bytes.length; ) {
    if (bytes.length - at < 8) refuse(file, `byte ${at}`, 'truncated: a token begins with 8 bytes')
    const score = view.getFloat32(at, true)
    const length = view.getInt32(at + 4, true)
    if (!Number.isFinite(score)) refuse(file, `byte ${at}`, `a score is ${score}`)
    if (length < 0 || length > longest || length > bytes.length - at - 8) {
      refuse(
        file,
        `byte ${at + 4}`,
        `a token of ${length} bytes: at most ${longest} were announced, ${bytes.length - at - 8} are left`,
      )
    }
    if (tokens.length === mostTokens) refuse(file, `byte ${at}`, `more than ${mostTokens} tokens`)
    tokens.push({ bytes: bytes.subarray(at + 8, at + 8 + length), score })
    at += 8 + length
  }
  return tokens
}

/**
 * The bytes of a tokenizer.bin.
 *
 * @throws ConfigError for a token that is too long
 *
 * @example
 * writeLlama2cTokens([{ bytes: Uint8Array.of(0x61), score: 0 }]) // Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x61)
 */
export function writeLlama2cTokens(tokens: readonly Llama2cToken[]): Uint8Array {
  const longest = tokens.reduce((most, { bytes }) => Math.max(most, bytes.length), 1)
  if (longest > longestToken) throw new ConfigError(`tokenizer.bin: a token of ${longest} bytes is too long`)
  const out = new Uint8Array(4 + tokens.reduce((total, { bytes }) => total + 8 + bytes.length, 0))
  const view = new DataView(out.buffer)
  view.setInt32(0, longest, true)
  let at = 4
  for (const { bytes, score } of tokens) {
    view.setFloat32(at, score, true)
    view.setInt32(at + 4, bytes.length, true)
    out.set(bytes, at + 8)
    at += 8 + bytes.length
  }
  return out
}
