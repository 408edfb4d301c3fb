import type { Tokenizer } from '../tokenizers/index.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** How a token is called where its text stands for it: bytes that are no text on their own by their numbers, `bytes:\xd0`. */
export function tokenText(tokenizer: Tokenizer, id: number): string {
  const bytes = tokenizer.bytesOf(id)
  try {
    return decoder.decode(bytes as Uint8Array<ArrayBuffer>)
  } catch {
    return `bytes:${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`
  }
}
