import { DataError, FormatError } from '../../../base/index.ts'
import type { Document, Json } from '../../index.ts'
import type { ByteSource } from '../byte-source.ts'
import type { Delivery } from '../delivery.ts'
import { recordDocument, whyNoTextField } from '../read-records.ts'
import { type FieldChoice, isConversationField, largestMetaField, textFieldsOf } from '../record-document.ts'
import type { DecompressPage } from './column-chunk.ts'
import { openParquet, type ParquetFile } from './file.ts'
import { rowRuns } from './row-group.ts'

export interface ParquetReading {
  readonly source: ByteSource
  readonly delivery: Delivery
  readonly choice: FieldChoice
  /** Rows [start, end) of the file; all when absent. */
  readonly rows?: { readonly start: number; readonly end: number }
  readonly wrongSchema: 'error' | 'drop'
  readonly decompressPage?: DecompressPage
}

const none = new Uint8Array(0)

/**
 * Documents of the rows of a Parquet file. Ids: `name:row`, rows count from 0. Read are the columns that can be the text
 * or the id, and those that are small (4 KiB a row on average), for meta.
 *
 * Memory: a page of each flat column, and a row group of each nested one (conversations, lists).
 *
 * @throws DataError when no column can be the text, and that is to be an error
 */
export async function* readParquet(reading: ParquetReading): AsyncGenerator<Document> {
  const { source, delivery, choice, rows, wrongSchema, decompressPage } = reading
  const { name } = source
  const isFirst = rows === undefined || rows.start === 0
  let file: ParquetFile
  try {
    file = await openParquet(source)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    if (isFirst) delivery.drop('damaged file', name, none, source.size, error.message)
    return
  }
  const columns = columnsFor(file, choice)
  if (columns === undefined) {
    const why = whyNoTextField(file.columns.map((column) => column.name).join(', '), choice)
    if (wrongSchema === 'error') throw new DataError(`${name}: no column holds the text: ${why}`)
    if (isFirst) delivery.drop('no text field', name, none, source.size, why)
    return
  }
  const [from, to] = [rows?.start ?? 0, rows?.end ?? file.rows]
  for (const group of file.rowGroups) {
    if (group.end <= from || group.start >= to) continue
    const onReplaced = (bytes: number) => delivery.replaced(`${name}:${group.start}`, '', bytes)
    for await (const run of rowRuns(source, file.tree, group.metadata, columns, decompressPage, onReplaced)) {
      const start = group.start + run.start
      if (run.columns === undefined) {
        const why = `rows ${start} to ${start + run.count - 1} cannot be read: ${run.damage}`
        delivery.drop('damaged rows', `${name}:${start}`, none, 0, why)
        continue
      }
      for (let i = 0; i < run.count; i++) {
        const row = start + i
        if (row < from || row >= to) continue
        const record = Object.fromEntries(
          columns.map((column) => [column, jsonOf(run.columns!.get(column)![i])] as const),
        )
        const document = recordDocument(`${name}:${row}`, record, none, delivery, choice)
        if (document !== undefined) yield document
      }
    }
  }
}

/** Names of the columns that are read; undefined when none can be the text. */
function columnsFor({ columns, rows }: ParquetFile, choice: FieldChoice): string[] | undefined {
  const textFields = textFieldsOf(choice)
  const isConversation = (name: string) => choice.textField === undefined && isConversationField(name)
  const text = columns.filter(({ name, isText }) => isText && textFields.includes(name))
  if (text.length === 0 && !columns.some(({ name }) => isConversation(name) && name !== 'prompt')) return undefined
  const first = textFields.find((field) => text.some(({ name }) => name === field))
  const needed = (name: string) => {
    if (name === first || name === choice.idField) return true
    // Where the first choice is missing in a row, the others have to be there.
    return choice.textField !== undefined ? textFields.includes(name) : text.length === 0 && isConversation(name)
  }
  return columns.filter(({ name, bytes }) => needed(name) || bytes <= largestMetaField * rows).map(({ name }) => name)
}

/** A value of Parquet as JSON; undefined where there is none, and for raw bytes. */
function jsonOf(value: unknown, depth = 0): Json | undefined {
  if (value === null || value === undefined || depth > 100) return undefined
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value !== 'object') return value as Json
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  if (ArrayBuffer.isView(value)) return undefined
  if (Array.isArray(value)) return value.map((item) => jsonOf(item, depth + 1) ?? null)
  const fields = Object.entries(value).map(([name, item]) => [name, jsonOf(item, depth + 1)] as const)
  return Object.fromEntries(fields.filter(([, item]) => item !== undefined)) as Json
}
