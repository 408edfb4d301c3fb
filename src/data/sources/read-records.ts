import type { Document } from '../index.ts'
import type { ByteStream } from './byte-stream.ts'
import { decodeUtf8 } from './decode-text.ts'
import type { Delivery } from './delivery.ts'
import { isBlank } from './read-text.ts'
import { type FieldChoice, fieldNames, largestMetaField, recordContent, textFieldsOf } from './record-document.ts'
import type { RawRecord } from './records.ts'

export interface RecordReading {
  readonly name: string
  readonly stream: ByteStream
  readonly delivery: Delivery
  readonly choice: FieldChoice
  readonly longest: number
}

/** Documents of JSON values that were cut out of a stream: lines of JSONL, items of a JSON array. Ids: `name@offset`. */
export async function* readJsonRecords(
  { name, stream, delivery, choice, longest }: RecordReading,
  records: AsyncIterable<RawRecord[]>,
): AsyncGenerator<Document> {
  let last: RawRecord | undefined
  for await (const batch of records) {
    for (const raw of batch) {
      const { offset, bytes, length } = raw
      if (length > longest) {
        delivery.tooLong(`${name}@${offset}`, length, longest)
        continue
      }
      // Looks at the first byte only, mostly.
      if (isBlank(bytes)) continue
      if (stream.damage !== undefined) {
        last = { offset, bytes: bytes.slice(), length }
        continue
      }
      const document = jsonDocument(`${name}@${offset}`, raw, delivery, choice)
      if (document !== undefined) yield document
    }
  }
  if (stream.damage === undefined) return
  delivery.damaged(
    last === undefined ? name : `${name}@${last.offset}`,
    last?.bytes ?? new Uint8Array(0),
    stream.damage,
  )
}

function jsonDocument(
  place: string,
  { offset, bytes }: RawRecord,
  delivery: Delivery,
  choice: FieldChoice,
): Document | undefined {
  const { text, replaced } = decodeUtf8(bytes, offset === 0)
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch (error) {
    delivery.drop('broken JSON', place, bytes, bytes.length, (error as Error).message)
    return undefined
  }
  if (replaced > bytes.length / 10) {
    const why = `${replaced} of ${bytes.length} bytes are not UTF-8`
    delivery.drop('holds no text', place, bytes, bytes.length, why)
    return undefined
  }
  const document = recordDocument(place, record, bytes, delivery, choice)
  if (document !== undefined) delivery.replaced(document.id, document.text, replaced)
  return document
}

/** The document of one record; counted either way. @param bytes of the record, for its size and an excerpt */
export function recordDocument(
  place: string,
  record: unknown,
  bytes: Uint8Array,
  delivery: Delivery,
  choice: FieldChoice,
): Document | undefined {
  const { text, id = place, meta, leftOut } = recordContent(record, choice)
  if (text === undefined) {
    delivery.drop('no text field', place, bytes, bytes.length, whyNoTextField(fieldNames(record), choice))
    return undefined
  }
  const document = delivery.document(id, text, meta)
  if (document !== undefined) {
    for (const field of Object.keys(leftOut)) {
      const why = `${field} has more than ${largestMetaField} characters`
      delivery.tally.change('field too large for meta', { id, bytes: leftOut[field], text: '', why })
    }
  }
  return document
}

export function whyNoTextField(fields: string, choice: FieldChoice): string {
  const looked = textFieldsOf(choice).join(', ')
  return `fields are ${fields}; text is looked for in ${looked}: choose a field with textField`
}
