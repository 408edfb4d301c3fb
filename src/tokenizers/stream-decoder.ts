import type { StreamDecoder } from './tokenizer.ts'

/** Decodes tokens one by one, given the bytes of each; a character comes out when its last byte is there. */
export function streamDecoder(bytesOf: (id: number) => Uint8Array): StreamDecoder {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return {
    push: (id) => decoder.decode(bytesOf(id) as Uint8Array<ArrayBuffer>, { stream: true }),
    end: () => decoder.decode(),
  }
}
