import type { ColumnMetaData, DecodedArray, PageHeader, SchemaTree } from 'hyparquet'
import { parquetHeader, readPage } from 'hyparquet/src/column.js'
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { compressors } from 'hyparquet-compressors'
import { FormatError } from '../../../base/index.ts'
import type { ByteSource } from '../byte-source.ts'
import { decodeUtf8 } from '../decode-text.ts'
import { checkPage, isCount, largestPage, mostValues } from './check-page.ts'

/**
 * A host's faster way to undo the compression of a page; undefined for codecs that it leaves to others.
 *
 * @param codec as Parquet names it: `ZSTD`, `GZIP`, `BROTLI`
 * @param size bytes that must come out
 */
export type DecompressPage = (codec: string, bytes: Uint8Array, size: number) => Uint8Array | undefined

/** Values of one page, or why there are none. */
export interface ColumnPage {
  readonly values: DecodedArray | undefined
  /** Values that the page has, by its header. */
  readonly count: number
  readonly damage?: string
}

/** What the source itself threw (a disk, a network), as `cause`: that is no damage of the file. */
export class SourceFailure extends Error {}

/** Bytes that are read at a time. */
const windowBytes = 1 << 20
/** A header holds the least and the greatest value, which may be long. */
const largestHeader = 1 << 24

/** A column of a row group: its pages in order, each decompressed and checked before it is decoded. Memory: one page. */
export class ColumnChunk {
  readonly path: readonly string[]
  /** Bytes that were not UTF-8 in the texts so far. */
  replaced = 0
  #source: ByteSource
  #column: ColumnMetaData
  #schemaPath: SchemaTree[]
  #decompressPage: DecompressPage | undefined
  #dictionary: DecodedArray | undefined
  #window = new Uint8Array(0)
  /** Where the window begins in the file, where reading stands, where the chunk ends. */
  #windowStart = 0
  #at: number
  #end: number

  constructor(
    source: ByteSource,
    column: ColumnMetaData,
    schemaPath: SchemaTree[],
    decompressPage: DecompressPage | undefined,
  ) {
    this.path = column.path_in_schema
    this.#source = source
    this.#column = column
    this.#schemaPath = schemaPath
    this.#decompressPage = decompressPage
    const data = Number(column.data_page_offset)
    const dictionary = Number(column.dictionary_page_offset ?? 0n)
    this.#at = dictionary > 0 && dictionary < data ? dictionary : data
    this.#end = this.#at + Number(column.total_compressed_size)
    if (!(this.#at >= 0 && this.#end >= this.#at && this.#end <= source.size)) {
      throw new FormatError(`column ${this.path.join('.')} lies outside of the file`)
    }
  }

  /**
   * The next page with values; undefined at the end.
   *
   * @param previous values of a nested column that the page may go on with
   * @throws SourceFailure when the source does; any other error when what follows in the chunk cannot be read
   */
  async next(previous?: DecodedArray): Promise<ColumnPage | undefined> {
    while (this.#at < this.#end) {
      const header = await this.#header()
      const size = header.compressed_page_size
      if (!isCount(size) || this.#at + size > this.#end) throw new FormatError(`a page of ${size} bytes`)
      const bytes = await this.#bytes(size)
      this.#at += size
      const isDictionary = header.type === 'DICTIONARY_PAGE'
      if (!isDictionary && header.data_page_header === undefined && header.data_page_header_v2 === undefined) continue
      const count = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_rows ?? 0
      if (!isCount(count)) throw new FormatError(`a page of ${count} rows`)
      try {
        const values = this.#decoded(header, bytes, previous)
        if (isDictionary) this.#dictionary = values
        else return { values, count }
      } catch (error) {
        // Without its dictionary no page that follows means anything.
        if (isDictionary) throw new FormatError((error as Error).message, { cause: error })
        return { values: undefined, count, damage: (error as Error).message }
      }
    }
    return undefined
  }

  #decoded(header: PageHeader, bytes: Uint8Array, previous: DecodedArray | undefined): DecodedArray | undefined {
    const { type } = this.#column
    const page = this.#undone(header, bytes)
    const decoder = {
      ...this.#column,
      pathInSchema: [...this.path],
      element: this.#schemaPath[this.#schemaPath.length - 1].element,
      schemaPath: this.#schemaPath,
      codec: 'UNCOMPRESSED' as const,
      parsers: { ...DEFAULT_PARSERS, stringFromBytes: (value: Uint8Array | undefined) => value && this.#text(value) },
    }
    const plain: PageHeader = {
      ...header,
      compressed_page_size: page.length,
      uncompressed_page_size: page.length,
      data_page_header_v2: header.data_page_header_v2 && { ...header.data_page_header_v2, is_compressed: false },
    }
    const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 }
    if (header.type === 'DICTIONARY_PAGE') {
      const values = header.dictionary_page_header?.num_values ?? 0
      if (!isCount(values) || values > mostValues) throw new FormatError(`a dictionary of ${values} values`)
      const { data } = readPage(reader, plain, decoder, undefined, undefined, 0)
      return data && convert(data, decoder)
    }
    checkPage(page, header, type, this.#schemaPath)
    return readPage(reader, plain, decoder, this.#dictionary, previous, 0).data
  }

  /** A page without its compression; the levels of the second version of pages are never compressed. */
  #undone(header: PageHeader, bytes: Uint8Array): Uint8Array {
    const { codec } = this.#column
    const size = header.uncompressed_page_size
    const v2 = header.data_page_header_v2
    const levels = v2 === undefined ? 0 : v2.repetition_levels_byte_length + v2.definition_levels_byte_length
    if (!isCount(size) || size > largestPage || !isCount(levels) || levels > Math.min(size, bytes.length)) {
      throw new FormatError(`a page of ${size} bytes with ${levels} of levels`)
    }
    if (codec === 'UNCOMPRESSED' || v2?.is_compressed === false || size === levels) {
      if (bytes.length !== size && size !== levels)
        throw new FormatError(`a page of ${bytes.length} bytes instead of ${size}`)
      return bytes
    }
    const input = bytes.subarray(levels)
    const decompress = compressors[codec as keyof typeof compressors]
    const values = this.#decompressPage?.(codec, input, size - levels) ?? decompress?.(input, size - levels)
    if (values?.length !== size - levels) {
      throw new FormatError(`a page by ${codec} has ${values?.length ?? 'no'} bytes instead of ${size - levels}`)
    }
    if (levels === 0) return values
    const page = new Uint8Array(size)
    page.set(bytes.subarray(0, levels))
    page.set(values, levels)
    return page
  }

  #text(bytes: Uint8Array): string {
    const { text, replaced } = decodeUtf8(bytes)
    this.replaced += replaced
    return text
  }

  /** Reads a header whose length is not known before. */
  async #header(): Promise<PageHeader> {
    for (let room = 1 << 13; ; room *= 8) {
      const bytes = await this.#bytes(Math.min(room, this.#end - this.#at))
      try {
        const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
        const header = parquetHeader(reader)
        this.#at += reader.offset
        return header
      } catch (error) {
        if (bytes.length < this.#end - this.#at && room < largestHeader) continue
        throw new FormatError(`no page where one should be: ${(error as Error).message}`, { cause: error })
      }
    }
  }

  /** So many bytes from where reading stands. */
  async #bytes(count: number): Promise<Uint8Array> {
    const from = this.#at - this.#windowStart
    if (from < 0 || from + count > this.#window.length) {
      const end = Math.min(this.#at + Math.max(count, windowBytes), this.#end)
      const read = await this.#source.read(this.#at, end).catch((cause) => {
        throw new SourceFailure('', { cause })
      })
      this.#window = Uint8Array.from(read)
      this.#windowStart = this.#at
      if (this.#window.length !== end - this.#at) throw new FormatError('the file is shorter than it says')
      return this.#window.subarray(0, count)
    }
    return this.#window.subarray(from, from + count)
  }
}
