import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../../../src/base/index.ts'

export interface Found {
  readonly path: string
  readonly text: string
}

/** Bytes of a file that are read; of a text that is compared at once. */
const largestFile = 16e6
const largestText = 1 << 17
const batchBytes = 1 << 22

/**
 * Texts of the files of UTF-8 in some folders, in batches of some megabytes, in an order that a seed decides. Long files
 * come in parts.
 *
 * @param limit bytes in all, about
 */
export function* textBatches(folders: readonly string[], limit: number): Generator<Found[]> {
  const paths = folders.flatMap((folder) => [...files(folder)]).sort()
  const rng = random(1)
  let batch: Found[] = []
  let [size, total] = [0, 0]
  while (paths.length > 0 && total < limit) {
    const i = rng.integer(paths.length)
    const path = paths[i]
    paths[i] = paths[paths.length - 1]
    paths.pop()
    for (const text of partsOf(path)) {
      batch.push({ path, text })
      size += Buffer.byteLength(text)
    }
    if (size < batchBytes) continue
    yield batch
    total += size
    ;[batch, size] = [[], 0]
  }
  if (batch.length > 0) yield batch
}

function* files(folder: string): Generator<string> {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return // not there, or not for us
  }
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else if (entry.isFile()) yield path
  }
}

/** Nothing of a file that is no text. */
function partsOf(path: string): string[] {
  let text: string
  try {
    const bytes = readFileSync(path)
    if (bytes.length > largestFile) return []
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return []
  }
  const parts: string[] = []
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + largestText)
    if ((text.charCodeAt(end) & 0xfc00) === 0xdc00) end++
    parts.push(text.slice(at, end))
    at = end
  }
  return parts
}
