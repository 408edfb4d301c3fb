import type { DecodedArray, FileMetaData, SchemaTree } from 'hyparquet'
import { assembleNested } from 'hyparquet/src/assemble.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { getTreePath, isFlatColumn } from 'hyparquet/src/schema.js'
import { FormatError } from '../../../base/index.ts'
import type { ByteSource } from '../byte-source.ts'
import { ColumnChunk, type DecompressPage, SourceFailure } from './column-chunk.ts'

/** Some rows that follow one another, by column; or why they cannot be read. */
export interface RowRun {
  /** Counted from the beginning of the row group. */
  readonly start: number
  readonly count: number
  readonly columns?: ReadonlyMap<string, ArrayLike<unknown>>
  readonly damage?: string
}

/** Values of a column that are decoded, and those of them that were taken. */
interface Cursor {
  readonly name: string
  readonly next: () => Promise<{ values: ArrayLike<unknown> | undefined; count: number; damage?: string } | undefined>
  values: ArrayLike<unknown> | undefined
  count: number
  taken: number
  damage?: string
}

/**
 * The rows of a row group, in runs that no page of a column crosses. A page that is damaged costs its rows; what is damaged
 * so that nothing behind can be found costs those that follow. Memory: a page of each flat column, and all of each nested
 * one.
 */
export async function* rowRuns(
  source: ByteSource,
  tree: SchemaTree,
  group: FileMetaData['row_groups'][number],
  names: readonly string[],
  decompressPage: DecompressPage | undefined,
  onReplaced: (bytes: number) => void,
): AsyncGenerator<RowRun> {
  const rows = Number(group.num_rows)
  const chunks: ColumnChunk[] = []
  let start = 0
  try {
    const cursors = names.map((name): Cursor => {
      const top = tree.children.find(({ element }) => element.name === name)!
      const own = group.columns.flatMap(({ meta_data: column }) => {
        if (column?.path_in_schema[0] !== name) return []
        const schemaPath = getTreePath(tree, column.path_in_schema)
        return [{ chunk: new ColumnChunk(source, column, schemaPath, decompressPage), schemaPath }]
      })
      if (own.length === 0) throw new FormatError(`column ${name} is not in the row group`)
      chunks.push(...own.map(({ chunk }) => chunk))
      const isFlat = own.length === 1 && isFlatColumn(own[0].schemaPath)
      const next = isFlat
        ? () => own[0].chunk.next()
        : nestedValues(
            own.map(({ chunk }) => chunk),
            top,
            rows,
          )
      return { name, next, values: undefined, count: 0, taken: 0 }
    })
    while (start < rows) {
      for (const cursor of cursors) if (cursor.taken === cursor.count) await advance(cursor, rows - start)
      const count = Math.min(...cursors.map((cursor) => cursor.count - cursor.taken))
      const damage = cursors.find((cursor) => cursor.damage !== undefined)?.damage
      const columns = new Map(
        cursors.map(({ name, values, taken }) => [name, slice(values, taken, taken + count)] as const),
      )
      yield damage === undefined ? { start, count, columns } : { start, count, damage }
      for (const cursor of cursors) cursor.taken += count
      start += count
    }
  } catch (error) {
    if (error instanceof SourceFailure) throw error.cause
    if (start < rows) yield { start, count: rows - start, damage: (error as Error).message }
  }
  onReplaced(chunks.reduce((sum, { replaced }) => sum + replaced, 0))
}

async function advance(cursor: Cursor, left: number): Promise<void> {
  for (;;) {
    const page = await cursor.next()
    if (page === undefined) throw new FormatError(`column ${cursor.name} ends ${left} rows before the others`)
    if (page.count === 0) continue
    if (page.count > left) throw new FormatError(`column ${cursor.name} has more rows than the others`)
    cursor.values = page.values
    cursor.count = page.count
    cursor.taken = 0
    cursor.damage = page.damage
    if (page.values !== undefined && page.values.length !== page.count) {
      cursor.damage = `a page of column ${cursor.name} has ${page.values.length} values instead of ${page.count}`
    }
    return
  }
}

function slice(values: ArrayLike<unknown> | undefined, from: number, to: number): ArrayLike<unknown> {
  if (values === undefined) return []
  return Array.isArray(values) ? values.slice(from, to) : (values as Uint8Array).subarray(from, to)
}

/** All values of a nested column at once: its pages need not end where rows do. */
function nestedValues(chunks: readonly ColumnChunk[], top: SchemaTree, rows: number): Cursor['next'] {
  return async () => {
    const leaves = new Map<string, DecodedArray>()
    for (const chunk of chunks) {
      const values: unknown[] = []
      for (;;) {
        const page = await chunk.next(values)
        if (page === undefined) break
        if (page.values === undefined) throw new FormatError(page.damage!)
        // Lists go on in what they are given; other values come as they are.
        if (page.values !== values) for (const value of page.values) values.push(value)
      }
      leaves.set(chunk.path.join('.'), values)
    }
    if (top.children.length > 0) assembleNested(leaves, top, DEFAULT_PARSERS)
    const assembled = leaves.get(top.element.name)
    if (assembled?.length !== rows) {
      throw new FormatError(`column ${top.element.name} has ${assembled?.length ?? 0} rows instead of ${rows}`)
    }
    return { values: assembled, count: rows }
  }
}
