import { type FileMetaData, parquetMetadata, parquetSchema, type SchemaTree } from 'hyparquet'
import { FormatError } from '../../../base/index.ts'
import { type ByteSource, unknownSize } from '../byte-source.ts'

/** What the footer of a file says. */
export interface ParquetFile {
  readonly tree: SchemaTree
  /** Columns at the top; nested ones have their parts below them. */
  readonly columns: readonly ParquetColumn[]
  readonly rowGroups: readonly ParquetRowGroup[]
  readonly rows: number
}

export interface ParquetRowGroup {
  readonly metadata: FileMetaData['row_groups'][number]
  /** Rows of the file. */
  readonly start: number
  readonly end: number
  /** Compressed. */
  readonly bytes: number
}

export interface ParquetColumn {
  readonly name: string
  /** A column of strings, not nested. */
  readonly isText: boolean
  /** Uncompressed, of all rows. */
  readonly bytes: number
}

/** Bytes at the end of a file that are read for its footer, before it is known how long that is. */
const footerGuess = 1 << 19
/** A footer describes row groups and columns; one that is larger than this is damaged or hostile. */
const largestFooter = 2 ** 28

/** @throws FormatError when the footer is not one of a Parquet file; what the source throws */
export async function openParquet(source: ByteSource): Promise<ParquetFile> {
  if (source.size === unknownSize) {
    throw refusal(source, 'it is read from its end, which a stream does not have; save it to a file first')
  }
  const footer = await readFooter(source)
  try {
    const metadata = parquetMetadata(footer)
    const tree = parquetSchema(metadata)
    const bytesOf = new Map<string, number>()
    let rows = 0
    const rowGroups = metadata.row_groups.map((group): ParquetRowGroup => {
      const count = Number(group.num_rows)
      if (!Number.isSafeInteger(count) || count < 0) throw new FormatError(`a row group of ${count} rows`)
      let bytes = 0
      for (const { meta_data: column } of group.columns) {
        if (column === undefined) continue
        const name = column.path_in_schema[0]
        bytes += Number(column.total_compressed_size)
        bytesOf.set(name, (bytesOf.get(name) ?? 0) + Number(column.total_uncompressed_size))
      }
      rows += count
      return { metadata: group, start: rows - count, end: rows, bytes }
    })
    const columns = tree.children.map(({ element, children }) => ({
      name: element.name,
      isText: children.length === 0 && element.type === 'BYTE_ARRAY' && element.repetition_type !== 'REPEATED',
      bytes: bytesOf.get(element.name) ?? 0,
    }))
    return { tree, columns, rowGroups, rows }
  } catch (error) {
    throw refusal(source, (error as Error).message, error)
  }
}

async function readFooter(source: ByteSource): Promise<Uint8Array> {
  const start = Math.max(source.size - footerGuess, 0)
  const tail = await source.read(start, source.size)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  if (tail.length < 12 || view.getUint32(tail.length - 4, true) !== 0x31524150) {
    throw refusal(source, 'it does not end with PAR1, as it does where it was written to the end')
  }
  const length = view.getUint32(tail.length - 8, true) + 8
  if (length > source.size || length > largestFooter) throw refusal(source, `a footer of ${length} bytes`)
  return length <= tail.length
    ? tail.slice(-length)
    : Uint8Array.from(await source.read(source.size - length, source.size))
}

function refusal(source: ByteSource, why: string, cause?: unknown): FormatError {
  return new FormatError(`${source.name}: not a whole Parquet file: ${why}`, { cause })
}
