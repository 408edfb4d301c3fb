import { existsSync } from 'node:fs'
import { nativePath } from '../../scripts/build-kernels.ts'
import { loadAddon } from './addon.ts'

let addon: ReturnType<typeof loadAddon> | undefined
let refused = false

/**
 * The bytes of a file as memory: pages are read when they are touched, and are those of the system's cache, which all
 * processes share. Undefined where the native addon is not built, or the file cannot be mapped. A file that is mapped must
 * not be cut short.
 */
export function mapFile(path: string): Uint8Array | undefined {
  if (addon === undefined && !refused) {
    try {
      if (existsSync(nativePath)) addon = loadAddon(nativePath)
    } catch {
      // Built for another machine.
    }
    refused = addon?.mapFile === undefined
  }
  if (refused) return undefined
  const buffer = addon!.mapFile(path)
  return buffer === null ? undefined : new Uint8Array(buffer)
}
