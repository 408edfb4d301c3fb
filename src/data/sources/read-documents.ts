import { ConfigError, DataError } from '../../base/index.ts'
import type { Document } from '../index.ts'
import { type ByteSource, memorySource, unknownSize } from './byte-source.ts'
import { openStream } from './byte-stream.ts'
import { decodeUtf8 } from './decode-text.ts'
import { Delivery } from './delivery.ts'
import { type FileHead, readHead } from './file-head.ts'
import { jsonValues } from './json-values.ts'
import { readParquet } from './parquet/read-parquet.ts'
import { readCsv } from './read-csv.ts'
import { readHtml } from './read-html.ts'
import { defaultLongestRecord, defaultPieceBytes, type ReadOptions } from './read-options.ts'
import { readJsonRecords, whyNoTextField } from './read-records.ts'
import { readSplit, readWhole } from './read-text.ts'
import { fieldNames, recordContent } from './record-document.ts'
import { lineEnd, recordsOf } from './records.ts'

/**
 * The documents of a file of any format, in order. Each one that is delivered is counted by `tally.keep`, with the bytes of
 * its text in UTF-8, and each one that is not by `tally.drop`, with its place and the bytes that are lost. A damaged file
 * gives what lies before the damage.
 *
 * - Text and code: one document, id `name`. A file of more than some 8 MiB is several, cut at line ends, ids
 *   `name@offset`, meta `part`. With `split`: ids `name@offset`.
 * - Markdown: the text as it stands; front matter goes to meta.
 * - HTML: the main text ({@link extractText}); meta `title`, `lang`, `url`.
 * - JSONL, JSON: a document for each record, id `name@offset`. Text and meta: the first of the text fields; other fields
 *   of up to 4096 characters are meta. Conversations (`messages`, `prompt` with `chosen`): text is what is said, joined
 *   by blank lines; meta holds them as they are.
 * - CSV, TSV, Parquet: a document for each row, id `name:row`, rows from 0.
 *
 * Offsets are those in the file; in compressed files, and in UTF-16, those in what comes out, as UTF-8. Bytes that are not
 * UTF-8 become U+FFFD and are counted; what has a NUL or is more than a tenth not UTF-8 is no text.
 *
 * Memory: some times `longestRecord` or `pieceBytes`; for Parquet a page of each column, and nested columns by row groups.
 * Cost: on one core some 300 MB/s of JSONL, 400 of text, 200 of CSV and Parquet, 40 of HTML.
 *
 * @throws DataError when no field of the records can be the text (see `wrongSchema`), with the fields that there are
 * @throws ConfigError for settings that cannot be; what the source throws is passed on
 *
 * @example
 * const bytes = new TextEncoder().encode('{"text": "One.", "year": 1}\n{"text": "Two."}\n')
 * const tally = new Tally('read')
 * const found = await Array.fromAsync(readDocuments(memorySource('a.jsonl', bytes), { source: 'mine', tally }))
 * found[0] // { id: 'a.jsonl@0', text: 'One.', source: 'mine', meta: { year: 1 } }
 * found[1].id // 'a.jsonl@28'
 * tally.report().out // { documents: 2, bytes: 8 }
 */
export async function* readDocuments(source: ByteSource, options: ReadOptions): AsyncGenerator<Document> {
  const { name } = source
  const {
    part,
    split = 'file',
    pieceBytes = defaultPieceBytes,
    longestRecord: longest = defaultLongestRecord,
  } = options
  const { wrongSchema = 'error', encoding, decompress, decompressPage } = options
  checkSizes(pieceBytes, longest)
  const head = await readHead(source, options)
  const { format } = head
  const isText = format.kind === 'text' || format.kind === 'markdown'
  const delivery = new Delivery(
    options.source,
    options.tally,
    format.encoding === undefined && isText ? encoding : undefined,
  )
  const choice = { textField: options.textField, idField: options.idField }

  if (format.kind === 'parquet') {
    if (part !== undefined && part.unit !== 'rows') throw new ConfigError(`${name}: a part of Parquet is one of rows`)
    return yield* readParquet({ source, delivery, choice, rows: part, wrongSchema, decompressPage })
  }
  if (format.kind === 'binary') {
    if ((part?.start ?? 0) > 0) return
    const size = source.size === unknownSize ? head.bytes.length : source.size
    return delivery.drop('holds no text', name, new Uint8Array(0), size, format.binary ?? 'a NUL byte')
  }
  if (part !== undefined && part.unit !== 'bytes')
    throw new ConfigError(`${name}: a part of ${format.kind} is one of bytes`)
  const offset = part?.start ?? 0
  const end = Math.min(part?.end ?? source.size, source.size)
  const stream = openStream(source, format, { start: offset, end: end === unknownSize ? undefined : end, decompress })
  const reading = { name, stream, delivery, choice, longest, offset, toEnd: end >= source.size }

  switch (format.kind) {
    case 'text':
    case 'markdown':
      if (split === 'file') yield* readWhole(reading, pieceBytes, format.kind === 'markdown')
      else yield* readSplit(reading, split)
      break
    case 'html':
      yield* readHtml(reading, encoding)
      break
    case 'jsonl':
      await checkRecords(name, head, options)
      yield* readJsonRecords(reading, recordsOf(stream.chunks, lineEnd, { offset, longest }))
      break
    case 'json':
      await checkRecords(name, head, options)
      yield* readJsonRecords(reading, jsonValues(stream.chunks, longest))
      break
    case 'csv':
    case 'tsv':
      yield* readCsv(reading, { delimiter: format.kind === 'tsv' ? 0x09 : undefined, wrongSchema })
  }
  if (stream.replaced !== undefined) {
    const why = `${stream.replaced} characters that are not UTF-16 became U+FFFD`
    delivery.tally.change('not UTF-16', { id: name, bytes: 0, text: '', why })
  }
}

export function checkSizes(pieceBytes: number, longest: number): void {
  if (!Number.isSafeInteger(pieceBytes) || pieceBytes < 16) {
    throw new ConfigError(`pieceBytes is a whole number of at least 16, not ${pieceBytes}`)
  }
  if (!Number.isSafeInteger(longest) || longest < 1) {
    throw new ConfigError(`longestRecord is a whole number of bytes, at least 1, not ${longest}`)
  }
}

/** Looks at the records at the beginning of a file: where they are records, one of them should have a text. */
async function checkRecords(name: string, { bytes, format, isAll }: FileHead, options: ReadOptions): Promise<void> {
  if (options.wrongSchema === 'drop') return
  let fields: string | undefined
  const head = memorySource(name, isAll ? bytes : bytes.subarray(0, bytes.lastIndexOf(10) + 1)).chunks()
  const records = format.kind === 'json' ? jsonValues(head, bytes.length) : recordsOf(head, lineEnd, {})
  for await (const batch of records) {
    for (const { offset, bytes: raw } of batch) {
      let record: unknown
      try {
        record = JSON.parse(decodeUtf8(raw, offset === 0).text)
      } catch {
        continue
      }
      if (recordContent(record, options).text !== undefined) return
      fields ??= fieldNames(record)
    }
  }
  if (fields !== undefined) {
    throw new DataError(`${name}: the records at its beginning have no text: ${whyNoTextField(fields, options)}`)
  }
}
