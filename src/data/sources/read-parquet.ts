import { parquetReadObjects } from 'hyparquet'
import { DataError, FormatError } from '../../base/index.ts'
import type { Document, Json } from '../index.ts'
import type { ByteSource } from './byte-source.ts'
import { decodeUtf8 } from './decode-text.ts'
import type { Delivery } from './delivery.ts'
import {
  bufferOf,
  type DecompressPage,
  openParquet,
  type ParquetFile,
  pageDecompressors,
  type SourceFailure,
} from './parquet-file.ts'
import { recordDocument, whyNoTextField } from './read-records.ts'
import { type FieldChoice, largestMetaField, textFieldsOf } from './record-document.ts'

/** Uncompressed bytes of the columns of rows that are decoded at a time. */
const sliceBytes = 2 ** 24
/** A damaged slice is read again in halves, so many times, for what is whole in it. */
const halvings = 6

export interface ParquetReading {
  readonly source: ByteSource
  readonly delivery: Delivery
  readonly choice: FieldChoice
  /** Rows [start, end) of the file; all when absent. */
  readonly rows?: { readonly start: number; readonly end: number }
  readonly wrongSchema: 'error' | 'drop'
  readonly decompressPage?: DecompressPage
}

/**
 * Documents of the rows of a Parquet file. Ids: `name:row`, rows count from 0. Read are the columns that can be the text
 * or the id, and those that are small (4 KiB a row on average), for meta; raw bytes are not text.
 *
 * Memory: the compressed bytes of these columns in one row group, and some 16 MiB of rows that are decoded at a time.
 *
 * @throws DataError when no column can be the text, and that is to be an error
 */
export async function* readParquet(reading: ParquetReading): AsyncGenerator<Document> {
  const { source, delivery, choice, rows, wrongSchema } = reading
  const { name } = source
  let file: ParquetFile
  try {
    file = await openParquet(source)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    if (rows === undefined || rows.start === 0) {
      delivery.drop('damaged file', name, new Uint8Array(0), source.size, error.message)
    }
    return
  }
  const columns = columnsFor(file, choice)
  if (columns === undefined) {
    const why = whyNoTextField(file.columns.map((column) => column.name).join(', '), choice)
    if (wrongSchema === 'error') throw new DataError(`${name}: no column holds the text: ${why}`)
    if (rows === undefined || rows.start === 0) {
      delivery.drop('no text field', name, new Uint8Array(0), source.size, why)
    }
    return
  }
  const wanted = { start: rows?.start ?? 0, end: rows?.end ?? file.rows }
  const rowReader = new RowReader(reading, file, columns)
  for (const group of file.rowGroups) {
    const start = Math.max(group.start, wanted.start)
    const end = Math.min(group.end, wanted.end)
    if (start >= end) continue
    const step = rowReader.rowsAtATime
    rowReader.nextGroup()
    for (let at = start; at < end; at += step) {
      yield* rowReader.documents(at, Math.min(at + step, end), halvings)
    }
  }
}

/** Names of the columns that are read; undefined when none can be the text. */
function columnsFor({ columns, rows }: ParquetFile, choice: FieldChoice): string[] | undefined {
  const textFields = textFieldsOf(choice)
  const isConversation = (name: string) =>
    choice.textField === undefined && ['messages', 'conversations', 'chosen', 'completion', 'response'].includes(name)
  const text = columns.filter(({ name, isText }) => isText && textFields.includes(name))
  if (text.length === 0 && !columns.some(({ name }) => isConversation(name))) return undefined
  const first = textFields.find((field) => text.some(({ name }) => name === field))
  // Where the first choice may be missing in a row, the others have to be there.
  const needed = (name: string) =>
    text.length > 0
      ? name === first || (choice.textField !== undefined && textFields.includes(name))
      : isConversation(name) || name === 'prompt' || name === 'rejected'
  return columns
    .filter(({ name, bytes }) => needed(name) || name === choice.idField || bytes <= largestMetaField * rows)
    .map(({ name }) => name)
}

class RowReader {
  readonly rowsAtATime: number
  #reading: ParquetReading
  #file: ParquetFile
  #columns: string[]
  #buffer: ReturnType<typeof bufferOf>
  #compressors: ReturnType<typeof pageDecompressors>
  /** Ranges of the row group: the slices of one ask for the same. */
  #held = new Map<string, ArrayBuffer>()
  #failure: SourceFailure = {}
  #replaced = 0

  constructor(reading: ParquetReading, file: ParquetFile, columns: string[]) {
    this.#reading = reading
    this.#file = file
    this.#columns = columns
    this.#buffer = this.#holding(bufferOf(reading.source, this.#failure))
    this.#compressors = pageDecompressors(reading.decompressPage)
    const bytes = file.columns.filter(({ name }) => columns.includes(name)).reduce((sum, each) => sum + each.bytes, 0)
    this.rowsAtATime = Math.max(1, Math.ceil(sliceBytes / Math.max(1, bytes / Math.max(1, file.rows))))
  }

  /** Lets go of what was held of the row group before. */
  nextGroup(): void {
    this.#held.clear()
  }

  #holding(buffer: ReturnType<typeof bufferOf>): ReturnType<typeof bufferOf> {
    return {
      byteLength: buffer.byteLength,
      slice: async (start, end = buffer.byteLength) => {
        const range = `${start} ${end}`
        const held = this.#held.get(range)
        if (held !== undefined) return held
        const bytes = await buffer.slice(start, end)
        this.#held.set(range, bytes)
        return bytes
      },
    }
  }

  async *documents(start: number, end: number, attempts: number): AsyncGenerator<Document> {
    const { source, delivery, choice } = this.#reading
    let records: Record<string, unknown>[]
    this.#replaced = 0
    try {
      records = await parquetReadObjects({
        file: this.#buffer,
        metadata: this.#file.metadata,
        columns: this.#columns,
        rowStart: start,
        rowEnd: end,
        compressors: this.#compressors,
        useOffsetIndex: true,
        parsers: {
          stringFromBytes: (bytes) => {
            if (bytes === undefined) return undefined
            const { text, replaced } = decodeUtf8(bytes)
            this.#replaced += replaced
            return text
          },
        },
      })
      if (records.length !== end - start) throw new FormatError(`${records.length} rows instead of ${end - start}`)
    } catch (error) {
      if (this.#failure.error !== undefined) throw this.#failure.error
      if (attempts > 0 && end - start > 1) {
        const middle = start + ((end - start) >> 1)
        yield* this.documents(start, middle, attempts - 1)
        yield* this.documents(middle, end, attempts - 1)
        return
      }
      const why = `rows ${start} to ${end - 1} cannot be read: ${(error as Error).message}`
      delivery.drop('damaged rows', `${source.name}:${start}`, new Uint8Array(0), 0, why)
      return
    }
    delivery.replaced(`${source.name}:${start}`, '', this.#replaced)
    for (let i = 0; i < records.length; i++) {
      const record = Object.fromEntries(
        Object.entries(records[i]).map(([name, value]) => [name, jsonOf(value)] as const),
      )
      const document = recordDocument(`${source.name}:${start + i}`, record, new Uint8Array(0), delivery, choice)
      if (document !== undefined) yield document
    }
  }
}

/** A value of Parquet as JSON. */
function jsonOf(value: unknown): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value !== 'object') return value as Json
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  if (ArrayBuffer.isView(value)) return undefined
  if (Array.isArray(value)) return value.map((item) => jsonOf(item) ?? null)
  const fields = Object.entries(value).map(([name, item]) => [name, jsonOf(item)] as const)
  return Object.fromEntries(fields.filter(([, item]) => item !== undefined)) as Json
}
