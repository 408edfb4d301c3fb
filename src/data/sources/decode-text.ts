import { invalidUtf8Bytes } from '../index.ts'

export interface DecodedText {
  readonly text: string
  /** Bytes that belong to no character; each run of them became one or more U+FFFD. */
  readonly replaced: number
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 to text. @param atStart whether a byte order mark may stand here, which is left out */
export function decodeUtf8(bytes: Uint8Array, atStart = false): DecodedText {
  const own = bytes as Uint8Array<ArrayBuffer>
  let text: string
  let replaced = 0
  try {
    text = strict.decode(own)
  } catch {
    text = lenient.decode(own)
    replaced = invalidUtf8Bytes(own)
  }
  return { text: atStart && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, replaced }
}

/** Why these bytes are no text, if they are none: a NUL, or more than a tenth that is not UTF-8. */
export function whyNoText(bytes: Uint8Array, replaced: number): string | undefined {
  const nul = bytes.indexOf(0)
  if (nul >= 0) return `a NUL byte at ${nul}`
  if (replaced > bytes.length / 10) {
    return `${replaced} of ${bytes.length} bytes are not UTF-8; if they are text, say in which encoding`
  }
  return undefined
}
