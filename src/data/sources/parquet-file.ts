import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { FormatError } from '../../base/index.ts'
import { type ByteSource, unknownSize } from './byte-source.ts'

/**
 * A host's faster way to undo the compression of a page; undefined for codecs that it leaves to others.
 *
 * @param codec as Parquet names it: `ZSTD`, `GZIP`, `BROTLI`
 * @param size bytes that must come out
 */
export type DecompressPage = (codec: string, bytes: Uint8Array, size: number) => Uint8Array | undefined

/** The footer of a file, checked as far as it decides how much is read and held. */
export interface ParquetFile {
  readonly metadata: FileMetaData
  /** Columns at the top; nested ones have their parts below them. */
  readonly columns: readonly ParquetColumn[]
  readonly rowGroups: readonly { readonly start: number; readonly end: number; readonly bytes: number }[]
  readonly rows: number
}

export interface ParquetColumn {
  readonly name: string
  /** A column of strings, not nested. */
  readonly isText: boolean
  /** Uncompressed, of all rows. */
  readonly bytes: number
}

/** A page is rarely larger than a megabyte; one that says it is larger than this is damaged or hostile. */
const largestPage = 2 ** 29

/** @throws FormatError when the footer is not one of a Parquet file */
export async function openParquet(source: ByteSource): Promise<ParquetFile> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new FormatError(`${source.name}: not a whole Parquet file: ${why}`, { cause })
  }
  if (source.size === unknownSize) {
    return refuse('it is read from its end, which a stream does not have; save it to a file first')
  }
  if (source.size < 12) return refuse(`${source.size} bytes`)
  const failure: SourceFailure = {}
  let metadata: FileMetaData
  let tree: ReturnType<typeof parquetSchema>
  try {
    metadata = await parquetMetadataAsync(bufferOf(source, failure))
    tree = parquetSchema(metadata)
  } catch (error) {
    if (failure.error !== undefined) throw failure.error
    return refuse((error as Error).message, error)
  }
  try {
    const rowGroups: { start: number; end: number; bytes: number }[] = []
    const bytesOf = new Map<string, number>()
    let rows = 0
    for (const group of metadata.row_groups) {
      const count = Number(group.num_rows)
      if (!Number.isSafeInteger(count) || count < 0 || count > 2 ** 31) refuse(`a row group of ${count} rows`)
      let bytes = 0
      for (const { meta_data: column } of group.columns) {
        if (column === undefined) continue
        const name = column.path_in_schema[0]
        bytes += Number(column.total_compressed_size)
        bytesOf.set(name, (bytesOf.get(name) ?? 0) + Number(column.total_uncompressed_size))
      }
      rowGroups.push({ start: rows, end: rows + count, bytes })
      rows += count
    }
    const columns = tree.children.map(({ element, children }) => ({
      name: element.name,
      isText: children.length === 0 && element.type === 'BYTE_ARRAY',
      bytes: bytesOf.get(element.name) ?? 0,
    }))
    return { metadata, columns, rowGroups, rows }
  } catch (error) {
    if (error instanceof FormatError) throw error
    return refuse((error as Error).message, error)
  }
}

/** What a source itself threw (a disk, a network), which is no damage of the file. */
export interface SourceFailure {
  error?: unknown
}

/** A source as hyparquet reads it. @throws FormatError for ranges that the file does not have */
export function bufferOf(source: ByteSource, failure: SourceFailure): AsyncBuffer {
  return {
    byteLength: source.size,
    async slice(start, end = source.size) {
      if (!(start >= 0 && start <= end && end <= source.size)) {
        throw new FormatError(`bytes ${start} to ${end} lie outside of the file, which has ${source.size}`)
      }
      const bytes = await source.read(start, end).catch((error) => {
        failure.error ??= error
        throw error
      })
      if (bytes.length !== end - start) throw new FormatError(`${bytes.length} bytes instead of ${end - start}`)
      const { buffer, byteOffset, byteLength } = bytes
      const isOwn = byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer
      return isOwn ? buffer : (bytes.slice().buffer as ArrayBuffer)
    },
  }
}

/** Decompressors that refuse pages whose size cannot be true. */
export function pageDecompressors(decompressPage: DecompressPage | undefined): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, size: number) => {
        if (!(size >= 0 && size <= largestPage)) throw new RangeError(`a page of ${size} bytes`)
        const bytes = decompressPage?.(codec, input, size) ?? decompress!(input, size)
        if (bytes.length !== size) throw new RangeError(`a page has ${bytes.length} bytes instead of ${size}`)
        return bytes
      },
    ]),
  )
}
