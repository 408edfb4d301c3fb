import type { PageHeader, ParquetType, SchemaTree } from 'hyparquet'
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'
import { FormatError } from '../../../base/index.ts'

/** A page has some ten thousand values; one that says it has more than this is damaged or hostile. */
export const mostValues = 2 ** 24
/** Bytes of a page, decompressed. A usual one has a megabyte. */
export const largestPage = 2 ** 29

/**
 * Refuses a decompressed page whose decoding would take time or memory out of proportion: hyparquet writes as many values
 * as a run says it has, and a damaged byte says two billions.
 *
 * @throws FormatError
 */
export function checkPage(page: Uint8Array, header: PageHeader, type: ParquetType, schemaPath: SchemaTree[]): void {
  const v1 = header.data_page_header
  const v2 = header.data_page_header_v2
  const { num_values: values, encoding } = (v1 ?? v2)!
  if (!isCount(values) || values > mostValues) throw new FormatError(`a page of ${values} values`)
  let at = 0
  const levels = [getMaxRepetitionLevel(schemaPath), getMaxDefinitionLevel(schemaPath)]
  const lengths = [v2?.repetition_levels_byte_length ?? 0, v2?.definition_levels_byte_length ?? 0]
  for (const [i, most] of levels.entries()) {
    const isThere = most > 0
    let length = lengths[i]
    if (v2 === undefined) {
      length = isThere ? uint32(page, at) : 0
      if (isThere) at += 4
    }
    if (!isCount(length) || at + length > page.length) throw new FormatError(`levels of ${length} bytes in a page`)
    if (isThere) checkRuns(page, at, 32 - Math.clz32(most), values)
    at += length
  }
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY' || (encoding === 'RLE' && type !== 'BOOLEAN')) {
    if (at < page.length) checkRuns(page, at + 1, page[at], values)
  } else if (encoding === 'RLE') checkRuns(page, at + 4, 1, values)
  else if (encoding === 'DELTA_BYTE_ARRAY') checkPrefixes(page, at, values)
}

/** What is read from a file as a number may be anything. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function uint32(page: Uint8Array, at: number): number {
  if (at + 4 > page.length) throw new FormatError('a page that ends within its levels')
  return new DataView(page.buffer, page.byteOffset + at).getUint32(0, true)
}

/** Runs of equal values, and packed ones (the format's RLE / bit-packing hybrid). */
function checkRuns(page: Uint8Array, from: number, width: number, values: number): void {
  if (width > 32) throw new FormatError(`values of ${width} bits in a page`)
  let at = from
  for (let seen = 0; seen < values && at < page.length; ) {
    let head = 0
    for (let shift = 0; ; shift += 7) {
      const byte = page[at++]
      if (byte === undefined || shift > 28) throw new FormatError('a run without a length in a page')
      head += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    const isPacked = head % 2 === 1
    const count = Math.floor(head / 2) * (isPacked ? 8 : 1)
    // Packed values come by eight, and some writers fill up a whole block of them.
    if (count > values - seen + (isPacked ? 512 : 0))
      throw new FormatError(`a run of ${count} values in a page of ${values}`)
    at += isPacked ? (count / 8) * width : (width + 7) >> 3
    seen += count
  }
}

/** Texts that begin like the one before, by so many bytes: what they have in all may be far more than the page. */
function checkPrefixes(page: Uint8Array, at: number, values: number): void {
  const lengths = new Int32Array(values)
  deltaBinaryUnpack({ view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: at }, values, lengths)
  let bytes = page.length
  for (const length of lengths) bytes += length
  if (bytes > largestPage) throw new FormatError(`a page of ${bytes} bytes of text`)
}
