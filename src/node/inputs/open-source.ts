import type { ByteSource } from '../../data/sources/index.ts'

/** A source that holds something open: `await using file = await openInput(input)`. */
export interface OpenInput extends ByteSource, AsyncDisposable {
  close(): Promise<void>
}

/** A range cut to what there is, as `subarray` cuts it. */
export function clampRange(size: number, start: number, end: number): { start: number; end: number } {
  const from = Math.min(Math.max(start, 0), size)
  return { start: from, end: Math.min(Math.max(end, from), size) }
}
