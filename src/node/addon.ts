import { createRequire } from 'node:module'
import type { NativeAddon } from '../backend/cpu/index.ts'

/** Loads a built addon. Throws what Node throws when the file is not one for this machine. */
export function loadAddon(path: string): NativeAddon {
  return createRequire(import.meta.url)(path) as NativeAddon
}
