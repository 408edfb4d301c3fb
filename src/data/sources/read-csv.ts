import { DataError } from '../../base/index.ts'
import type { Document } from '../index.ts'
import { type CsvRow, csvDelimiter, csvRows } from './csv-rows.ts'
import { decodeUtf8 } from './decode-text.ts'
import { type RecordReading, recordDocument, whyNoTextField } from './read-records.ts'
import { textFieldsOf } from './record-document.ts'

/**
 * Documents of a table whose first row names its columns. Ids: `name:row`; rows count from 0 behind the header, broken ones
 * too.
 *
 * @throws DataError when no column can be the text, and that is to be an error
 */
export async function* readCsv(
  { name, stream, delivery, choice, longest }: RecordReading,
  {
    delimiter = csvDelimiter,
    wrongSchema,
  }: { delimiter?: number | typeof csvDelimiter; wrongSchema: 'error' | 'drop' },
): AsyncGenerator<Document> {
  let columns: readonly string[] | undefined
  let last: CsvRow | undefined
  for await (const batch of csvRows(stream.chunks, { longest, delimiter })) {
    for (const row of batch) {
      if (stream.damage !== undefined && row === batch.at(-1)) last = { ...row, bytes: row.bytes.slice() }
      else if (columns === undefined) columns = headerOf(row)
      else {
        const document = rowDocument(row, columns)
        if (document !== undefined) yield document
      }
    }
  }
  if (stream.damage === undefined) return
  delivery.damaged(last === undefined ? name : `${name}:${last.number - 1}`, last?.bytes ?? none, stream.damage)

  function headerOf({ fields, broken }: CsvRow): readonly string[] {
    const names = uniqueNames(fields.map((field) => decodeUtf8(field).text.trim()))
    const textFields = textFieldsOf(choice)
    if (broken === undefined && names.some((column) => textFields.includes(column))) return names
    if (wrongSchema === 'error') {
      const why = broken ?? whyNoTextField(names.join(', '), choice)
      throw new DataError(`${name}: the first row of a table names its columns, and here none is the text: ${why}`)
    }
    return names
  }

  function rowDocument(row: CsvRow, names: readonly string[]): Document | undefined {
    const place = `${name}:${row.number - 1}`
    if (row.broken !== undefined) {
      delivery.drop('broken row', place, row.bytes, row.length, row.broken)
      return undefined
    }
    if (row.fields.length !== names.length) {
      const why = `${row.fields.length} fields; the header has ${names.length}`
      delivery.drop('wrong number of fields', place, row.bytes, row.length, why)
      return undefined
    }
    let replaced = 0
    const record = Object.fromEntries(
      names.map((column, i) => {
        const decoded = decodeUtf8(row.fields[i])
        replaced += decoded.replaced
        return [column, decoded.text]
      }),
    )
    if (replaced > row.length / 10 || row.bytes.includes(0)) {
      const why = replaced > 0 ? `${replaced} of ${row.length} bytes are not UTF-8` : 'a NUL byte'
      delivery.drop('holds no text', place, row.bytes, row.length, why)
      return undefined
    }
    const document = recordDocument(place, record, row.bytes, delivery, choice)
    if (document !== undefined) delivery.replaced(document.id, document.text, replaced)
    return document
  }
}

const none = new Uint8Array(0)

/** Columns without a name get one, and a name that comes again a number. */
function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((given, i) => {
    const name = given === '' ? `column ${i}` : given
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name} ${times}`
  })
}
