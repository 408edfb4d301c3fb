import { appendFile, readFile, truncate } from 'node:fs/promises'
import { fileError } from '../node/index.ts'

/** `metrics.jsonl`: what happened in a run, a line each, in the order of its steps. */
export interface MetricsFile {
  /** Adds a line with the time. */
  log(entry: { readonly step: number } & Readonly<Record<string, unknown>>): Promise<void>
  /** Removes what came after a step: a run that goes on from a checkpoint tells it again. */
  dropAfter(step: number): Promise<void>
}

/** @throws FileError when the system refuses */
export function metricsFile(path: string): MetricsFile {
  const refused = (error: unknown): never => {
    throw fileError('write', path, error)
  }
  return {
    log: (entry) =>
      appendFile(path, `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`).catch(refused),
    async dropAfter(step) {
      const text = await readFile(path, 'utf8').catch(() => '')
      let kept = 0
      for (const line of text.split('\n')) {
        let entry: { step?: number }
        try {
          entry = JSON.parse(line)
        } catch {
          break // the end, or a line that was cut off
        }
        if (!(entry.step! <= step)) break
        kept += Buffer.byteLength(line) + 1
      }
      if (kept < Buffer.byteLength(text)) await truncate(path, kept).catch(refused)
    },
  }
}
