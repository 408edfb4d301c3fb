import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from '../base/index.ts'
import { writeAtomically } from '../node/index.ts'
import type { ScalingPoint } from '../scaling/index.ts'

/** A finished run of a sweep: one line of `sweep.jsonl`. Files that others made need only what makes a point. */
export interface SweepRow extends ScalingPoint {
  /** Of the run's folder. */
  readonly name?: string
  /** Without the table of embeddings. */
  readonly nonEmbedding?: number
  /** 6·N·D */
  readonly flops?: number
  /** Counted from the programs, attention included. */
  readonly countedFlops?: number
  /** 6·N·D a second, as measured while it trained. */
  readonly flopsPerSecond?: number
}

/** The file of a sweep that lies in a folder. */
export const sweepFile = (folder: string) => join(folder, 'sweep.jsonl')

/**
 * Reads the finished runs of a sweep.
 *
 * @param path the file, or the folder around it; undefined when there is neither
 * @throws FormatError that names the line
 */
export async function readSweep(path: string): Promise<SweepRow[] | undefined> {
  const found = await stat(path).catch(() => undefined)
  const file = found?.isDirectory() ? sweepFile(path) : path
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text?.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [rowFrom(line, `${file}:${i + 1}`)]))
}

export async function writeSweep(folder: string, rows: readonly SweepRow[]): Promise<void> {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  await writeAtomically(sweepFile(folder), new TextEncoder().encode(text))
}

function rowFrom(line: string, place: string): SweepRow {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch {
    throw new FormatError(`${place}: is not JSON`)
  }
  for (const name of ['parameters', 'tokens', 'lossNats'] as const) {
    const value = (row as Partial<SweepRow> | null)?.[name]
    if (typeof value !== 'number' || !(value > 0))
      throw new FormatError(`${place}: ${name} must be a number above 0, got ${JSON.stringify(value)}`)
  }
  return row as SweepRow
}
