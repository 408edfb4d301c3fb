/**
 * A piece of work within a file, as plain JSON. Bytes are those of the file, rows are those of a Parquet file. Where a part
 * may begin is for `partsOf` to say.
 */
export interface Part {
  readonly unit: 'bytes' | 'rows'
  readonly start: number
  readonly end: number
}
