/** How a file is read. */
export type FormatKind = 'text' | 'markdown' | 'html' | 'jsonl' | 'json' | 'csv' | 'tsv' | 'parquet' | 'binary'

export type Compression = 'gzip' | 'zstd'

export interface Format {
  readonly kind: FormatKind
  /** What has to be undone first. Parquet compresses inside, and is never compressed as a whole. */
  readonly compression?: Compression
  /** An encoding that a byte order mark tells of; UTF-8 when absent. */
  readonly encoding?: 'utf-16le' | 'utf-16be'
  /** Why it holds no text: `a ZIP archive`. */
  readonly binary?: string
}

const kinds: Readonly<Record<string, FormatKind>> = {
  txt: 'text',
  md: 'markdown',
  markdown: 'markdown',
  mdx: 'markdown',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  parquet: 'parquet',
}

const compressions: Readonly<Record<string, Compression>> = { gz: 'gzip', gzip: 'gzip', zst: 'zstd', zstd: 'zstd' }

/** Beginnings of files that hold no text. */
const binaries: readonly (readonly [string, readonly number[]])[] = [
  ['a ZIP archive (also docx, epub)', [0x50, 0x4b, 3, 4]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['compressed by bzip2', [0x42, 0x5a, 0x68]],
  ['compressed by xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a GIF picture', [0x47, 0x49, 0x46, 0x38]],
]

const begins = (head: Uint8Array, bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte)

/**
 * What a file is, by its name and by its first bytes. Bytes decide whether it is compressed, Parquet or no text at all;
 * the name decides the rest, and where it says nothing, the beginning of the text does. For a compressed file `kind` is
 * what its name says lies inside.
 *
 * @param name a path or URL, `.gz` or `.zst` at the end included
 * @param head the first bytes, some thousand where there are
 *
 * @example
 * const head = new TextEncoder().encode('{"text": "Hi"}\n')
 * formatOf('crawl.jsonl', head) // { kind: 'jsonl' }
 * formatOf('standard input', head).kind // 'jsonl'
 * formatOf('a.jsonl.gz', Uint8Array.of(0x1f, 0x8b)) // { kind: 'jsonl', compression: 'gzip' }
 */
export function formatOf(name: string, head: Uint8Array): Format {
  const extensions = extensionsOf(name)
  if (begins(head, [0x1f, 0x8b])) return { kind: kindOf(extensions, true) ?? 'text', compression: 'gzip' }
  if (begins(head, [0x28, 0xb5, 0x2f, 0xfd]) || isSkippableFrame(head)) {
    return { kind: kindOf(extensions, true) ?? 'text', compression: 'zstd' }
  }
  if (begins(head, [0x50, 0x41, 0x52, 0x31])) return { kind: 'parquet' }
  for (const [binary, bytes] of binaries) if (begins(head, bytes)) return { kind: 'binary', binary }
  const encoding = begins(head, [0xff, 0xfe]) ? 'utf-16le' : begins(head, [0xfe, 0xff]) ? 'utf-16be' : undefined
  if (encoding === undefined && head.includes(0)) return { kind: 'binary', binary: 'a NUL byte' }
  const text = new TextDecoder(encoding).decode(head.slice(0, 4096))
  const kind = kindOf(extensions, false) ?? kindOfText(text)
  return encoding === undefined ? { kind } : { kind, encoding }
}

/** The last two, without what a URL says behind them: `a.csv.gz?v=2` gives csv, gz. */
function extensionsOf(name: string): string[] {
  const path = /^[a-z]+:\/\//i.test(name) ? name.replace(/[?#].*$/s, '') : name
  const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return file.toLowerCase().split('.').slice(1).slice(-2)
}

function kindOf(extensions: readonly string[], compressed: boolean): FormatKind | undefined {
  const last = extensions.at(-1)
  if (last === undefined) return undefined
  const inner = Object.hasOwn(compressions, last) ? extensions.at(-2) : last
  if (inner === undefined || (compressed && inner === 'parquet')) return undefined
  // A name that says something, though nothing we know, is plain text: code, notes.
  return Object.hasOwn(kinds, inner) ? kinds[inner] : compressed ? undefined : 'text'
}

function kindOfText(text: string): FormatKind {
  const begin = text.replace(/^\ufeff/, '').trimStart()
  if (/^(<!doctype html|<html[\s>])/i.test(begin)) return 'html'
  if (/^\{\s*"/.test(begin)) return 'jsonl'
  return 'text'
}

/** A frame of zstd that holds no content may stand at the beginning (RFC 8878, section 3.1.2). */
function isSkippableFrame(head: Uint8Array): boolean {
  return (head[0] & 0xf0) === 0x50 && begins(head.subarray(1), [0x2a, 0x4d, 0x18])
}
