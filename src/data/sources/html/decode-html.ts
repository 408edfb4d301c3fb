import { type DecodedText, decodeUtf8 } from '../decode-text.ts'

/** Where an encoding has to be said (HTML Standard, section 4.2.5.4). */
const headBytes = 1024

/**
 * The text of a page: UTF-8 where it is that, otherwise what the page says its encoding is; when that is nothing the host
 * knows, UTF-8 with U+FFFD.
 */
export function decodeHtml(bytes: Uint8Array, encoding?: string): DecodedText {
  const decoded = decodeUtf8(bytes, true)
  if (decoded.replaced === 0 && encoding === undefined) return decoded
  const head = new TextDecoder('latin1').decode(bytes.slice(0, 4 * headBytes))
  const said = encoding ?? /<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{2,40})/i.exec(head)?.[1]
  if (said === undefined || /^utf-?8$/i.test(said)) return decoded
  try {
    return { text: new TextDecoder(said).decode(bytes as Uint8Array<ArrayBuffer>), replaced: 0 }
  } catch {
    return decoded
  }
}
