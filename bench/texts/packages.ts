import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../src/base/index.ts'

// Text that every checkout has, because its packages are pinned: what their authors wrote for people, and their code.

const bench = join(import.meta.dirname, '..')
const homes = [join(bench, '..', 'node_modules'), join(bench, 'node_modules')]

/** What to say where the peers' packages are missing. */
export const howToInstall = 'not installed: npm --prefix bench ci'

/** The folder of an installed package. A star stands for the platform: `node-*`. */
export function packageFolder(name: string): string {
  for (const home of homes) {
    const [found] = name.includes('*') ? globSync(name, { cwd: home }).sort() : [name]
    if (found !== undefined && existsSync(join(home, found))) return join(home, found)
  }
  throw new ConfigError(`the package ${name} is ${howToInstall}`)
}

/** Files of a package by patterns, in the order of their names; nested packages are left out. */
export function packageFiles(name: string, patterns: readonly string[]): string[] {
  const folder = packageFolder(name)
  const found = globSync([...patterns], { cwd: folder, exclude: (path) => path.split('/').includes('node_modules') })
  return found.sort().map((file) => readFileSync(join(folder, file), 'utf8'))
}

/** Documentation comments without their frames of stars. */
export function commentsOf(source: string): string[] {
  return [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, inside]) => inside.replace(/^[ \t]*\* ?/gm, '').trim())
}

/** Paragraphs without those that were there before: packages repeat their licences and each other. */
export function distinctParagraphs(texts: Iterable<string>): string[] {
  const paragraphs = new Set<string>()
  for (const text of texts) for (const one of text.split(/\n\s*\n/)) if (one.trim() !== '') paragraphs.add(one)
  return [...paragraphs]
}
