import { type Document, type StageReport, Tally } from '../index.ts'
import { type ByteSource, memorySource } from './byte-source.ts'
import { readDocuments } from './read-documents.ts'
import type { ReadOptions } from './read-options.ts'

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** Everything that a file gives: the documents, and the report of the tally. */
export async function readAll(
  source: ByteSource,
  options: Partial<ReadOptions> = {},
): Promise<{ documents: Document[]; report: StageReport }> {
  const tally = new Tally('read')
  const documents = await Array.fromAsync(readDocuments(source, { source: 'test', tally, ...options }))
  return { documents, report: tally.report() }
}

export const readBytes = (name: string, bytes: Uint8Array | string, options: Partial<ReadOptions> = {}) =>
  readAll(memorySource(name, typeof bytes === 'string' ? utf8(bytes) : bytes), options)

/** A source whose bytes come in chunks of this size. */
export function slowSource(name: string, bytes: Uint8Array, chunkBytes: number): ByteSource {
  return {
    ...memorySource(name, bytes),
    async *chunks(start = 0, end = bytes.length) {
      const stop = Math.min(end, bytes.length)
      for (let at = start; at < stop; at += chunkBytes) yield bytes.slice(at, Math.min(at + chunkBytes, stop))
    },
  }
}
