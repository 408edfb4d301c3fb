import { FormatError } from '../../base/index.ts'
import type { Document } from '../index.ts'

/** A document without its text: what a block says of it beside the text. */
export type DocumentRecord = Omit<Document, 'text'>

/**
 * Reads the records of a block.
 *
 * @throws FormatError when they are not as many as the documents
 */
export function readRecords(bytes: Uint8Array, documents: number, name: string): DocumentRecord[] {
  const lines = new TextDecoder().decode(bytes as Uint8Array<ArrayBuffer>).split('\n')
  lines.pop()
  if (lines.length !== documents) throw new FormatError(`${name}: ${lines.length} records of ${documents} documents`)
  return lines.map((line) => JSON.parse(line))
}
