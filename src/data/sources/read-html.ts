import type { Document } from '../index.ts'
import { whyNoText } from './decode-text.ts'
import { decodeHtml } from './html/decode-html.ts'
import { extractText } from './html/extract-text.ts'
import type { TextReading } from './read-text.ts'
import { whole } from './text-pieces.ts'

/** One document: the main text of a page. */
export async function* readHtml(
  { name, stream, delivery, longest }: TextReading,
  encoding: string | undefined,
): AsyncGenerator<Document> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream.chunks) {
    length += chunk.length
    if (length <= longest) chunks.push(chunk)
    else chunks.length = 0
  }
  if (length > longest) return delivery.tooLong(name, length, longest)
  const bytes = whole(chunks)
  if (stream.damage !== undefined) return delivery.damaged(name, bytes, stream.damage)
  const { text: html, replaced } = decodeHtml(bytes, encoding)
  const why = whyNoText(bytes, replaced)
  if (why !== undefined) return delivery.drop('holds no text', name, bytes, length, why)
  const { text, meta } = extractText(html)
  if (text === '') return delivery.drop('no main text', name, bytes, length, 'menus, links and short lines alone')
  delivery.replaced(name, text, replaced)
  const document = delivery.document(name, text, meta)
  if (document !== undefined) yield document
}
