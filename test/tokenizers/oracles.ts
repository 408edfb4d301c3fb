import { createRequire } from 'node:module'
import { describe, it } from 'vitest'
import { sentencePieceVersion } from '../../bench/peers/sentencepiece.ts'
import { howToInstall, packageFolder } from '../../bench/texts/packages.ts'

// Other implementations, to be held against. The packages are bench's peers and are installed on demand.

// biome-ignore lint/suspicious/noExplicitAny: packages are installed on demand, and so are their types
export type Package = any

/** Why a package of bench/node_modules cannot be had; undefined when it can. */
export function whyNot(name: string): string | undefined {
  try {
    packageFolder(name)
    return undefined
  } catch {
    return `${name} is ${howToInstall}`
  }
}

export const whyNoSentencePiece = (): string | undefined => {
  const version = sentencePieceVersion()
  return typeof version === 'string' ? undefined : version.why
}

/** A package of bench/node_modules. */
export const load = (name: string): Package => createRequire(import.meta.url)(packageFolder(name))

/** Tests that need another implementation. Where it is missing, one skipped test says how to get it. */
export function against(title: string, why: string | undefined, tests: () => void): void {
  if (why === undefined) describe(title, tests)
  else it.skip(`${title}: ${why}`)
}
