import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLayers } from '../scripts/layers.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const subpaths = JSON.parse(read('package.json')).exports as Record<string, string>

/** The names that each subpath gives at run time, asked of Node itself as a user's program would. */
const names: Record<string, string[]> = JSON.parse(
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const names = {}
       for (const path of ${JSON.stringify(Object.keys(subpaths))}) {
         names[path] = await import(path.replace('.', 'alippe')).then(Object.keys, (error) => ['import failed: ' + error])
       }
       console.log(JSON.stringify(names))`,
    ],
    { cwd: root, encoding: 'utf8' },
  ),
)

describe('what the package exports', () => {
  it.each(Object.entries(subpaths))('%s is an index that imports and gives something', (path, file) => {
    expect(file).toBe(`./src/${path.slice(2)}/index.ts`)
    expect(names[path].filter((name) => name.startsWith('import failed'))).toEqual([])
    if (names[path].length === 0) expect(read(file)).toMatch(/^export type /m) // the contract of backends is types alone
  })

  it('holds every layer that has an index, under its own name or in whole through the folder around it', () => {
    const layers = readLayers(read('ARCHITECTURE.md')).map(({ folder }) => folder)
    const hidden = layers.filter(
      (folder) => existsSync(join(root, 'src', folder, 'index.ts')) && !subpaths[`./${folder}`],
    )
    const notGivenOn = hidden.filter(
      (folder) =>
        !read(`src/${dirname(folder)}/index.ts`).includes(`export * from './${folder.split('/').at(-1)}/index.ts'`),
    )
    expect(notGivenOn).toEqual([])
    const indexes = globSync('src/**/index.ts', { cwd: root }).map((file) =>
      dirname(file).replaceAll('\\', '/').slice(4),
    )
    expect(indexes.filter((folder) => !layers.includes(folder))).toEqual([])
  })

  it('has no name that begins with _', () => {
    expect(
      Object.values(names)
        .flat()
        .filter((name) => name.startsWith('_')),
    ).toEqual([])
    const types = globSync('src/**/*.ts', { cwd: root }).flatMap(
      (file) => read(file).match(/^export .*\b(type|interface) _\w+/gm) ?? [],
    )
    expect(types).toEqual([])
  })
})

describe('the program of README.md', () => {
  // Comments and empty lines do not count, and the example may be told its number of steps.
  const lines = (code: string) =>
    code
      .replace('Number(process.argv[2] ?? 300)', '300')
      .split('\n')
      .map((line) => line.replace(/(^|\s+)\/\/ .*$/, '').trimEnd())
      .filter((line) => line !== '')

  it('is examples/train.ts', () => {
    const block = /```ts\n(.*?)```/s.exec(read('README.md'))![1]
    expect(lines(block)).toEqual(lines(read('examples/train.ts')))
  })
})
