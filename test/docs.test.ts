import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { referenceBackend } from '../src/backend/reference/index.ts'
import { batches, memoryFolder } from '../src/data/index.ts'
import { llama } from '../src/models/index.ts'
import { adamw } from '../src/optim/index.ts'
import { bpe } from '../src/tokenizers/index.ts'
import { train } from '../src/train/index.ts'
import { type Example, promised, readExamples, readStatements } from './docs/read-examples.ts'
import { runExample } from './docs/run-example.ts'

const root = join(import.meta.dirname, '..')

const sources = new Map(
  globSync('src/**/*.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.endsWith('.test.ts'))
    .sort()
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
)
const examples = [...sources].flatMap(([file, source]) => readExamples(file, source))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const indexes = Object.values(manifest.exports as Record<string, string>).map((path) => path.replace('./', ''))

const load = (file: string): Promise<Record<string, unknown>> => import(/* @vite-ignore */ join(root, file))

/** What examples may use without saying where it comes from. */
const tinyModel = llama({ vocabSize: 256, context: 32, width: 16, layers: 1, heads: 2 })
const ids = Uint32Array.from({ length: 200 }, (_, i) => i % 50)
const given: Readonly<Record<string, () => unknown>> = {
  text: () => 'The cat sat on the mat. '.repeat(20),
  tokenizer: () => bpe({ merges: [], specials: ['<|end|>'] }),
  validation: () => ids,
  folder: memoryFolder,
  backend: referenceBackend,
  model: () => tinyModel,
  z: () => z,
  run: async () => {
    const data = batches(ids, { batch: 2, tokens: 16, seed: 1 })
    return train(tinyModel, data, { backend: referenceBackend(), steps: 1, optimizer: adamw({ learningRate: 1e-3 }) })
  },
}

/** What a file imports from indexes, by name. */
async function importsOf(file: string): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>()
  for (const [, names, path] of sources.get(file)!.matchAll(/^import \{([^}]*)\} from '(\.[^']*\/index\.ts)'/gm)) {
    const values = await load(join(dirname(file), path))
    for (const name of names.split(',').map((each) => each.trim())) if (name in values) found.set(name, values[name])
  }
  return found
}

/**
 * What the names of an example stand for: what its own file exports, then what that imports, then its folder's index, then any
 * public folder where that leaves one meaning, then what is given.
 */
async function scopeOf({ file, code }: Example): Promise<Map<string, unknown>> {
  const scope = new Map<string, unknown>()
  const ambiguous = new Set<string>()
  for (const index of indexes) {
    for (const [name, value] of Object.entries(await load(index))) {
      if (scope.has(name) && scope.get(name) !== value) ambiguous.add(name)
      scope.set(name, value)
    }
  }
  for (const name of ambiguous) scope.delete(name)
  const own = [...indexes].sort((a, b) => a.length - b.length).filter((index) => file.startsWith(`${dirname(index)}/`))
  for (const each of own) for (const [name, value] of Object.entries(await load(each))) scope.set(name, value)
  for (const [name, value] of await importsOf(file)) scope.set(name, value)
  for (const [name, value] of Object.entries(await load(file))) scope.set(name, value)
  for (const [name, make] of Object.entries(given)) {
    if (new RegExp(`\\b${name}\\b(?!\\()`).test(code)) scope.set(name, await make())
  }
  return scope
}

describe('examples of docstrings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alippe-docs-'))
  const before = process.cwd()

  // Some examples read documents and write files.
  beforeAll(() => {
    mkdirSync(join(folder, 'docs'))
    for (const file of ['docs/cats.md', 'README.md']) writeFileSync(join(folder, file), given.text() as string)
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  })

  it('are all found', () => {
    const tags = [...sources.values()].join('\n').match(/@example\b/g) ?? []
    expect(examples.length).toBe(tags.length)
    expect(examples.filter(({ name, code }) => !name || !code)).toEqual([])
  })

  it.each(
    examples.map((example) => [example.file, example.name, example] as const),
  )('%s: %s', async (_, __, example) => {
    await runExample(example, await scopeOf(example))
  })

  it('exist for every public function, in the file that defines it', async () => {
    const missing: string[] = []
    for (const folder of [
      'tensor',
      'compiler',
      'optim',
      'models',
      'infer',
      'quant',
      'scaling',
      'tokenizers',
      'tokenizers/formats',
      'tokenizers/trainers',
      'grammar',
      'data',
      'data/sources',
      'data/language',
      'data/filters',
      'data/dedup',
      'formats',
    ]) {
      for (const [name, value] of Object.entries(await load(`src/${folder}/index.ts`))) {
        if (typeof value !== 'function' || /^class\b/.test(Function.prototype.toString.call(value))) continue
        const used = new RegExp(`\\b${name}\\(`)
        const home = [...sources].find(
          ([file, source]) =>
            file.startsWith(`src/${folder}/`) &&
            new RegExp(`^export (async )?(function\\*?|const) ${name}\\b`, 'm').test(source),
        )
        const shown = examples.some(({ file, code }) => file === home?.[0] && used.test(code))
        if (!shown) missing.push(`${folder}: ${name}`)
      }
    }
    expect(missing.sort()).toEqual([])
  })
})

describe('reading examples', () => {
  const docstring = (lines: string) => `/**\n * Adds.\n *\n${lines}\n */\nexport function add() {}\n`

  it('ends a block at the next tag', () => {
    const source = docstring(' * @example\n * add(1, 2) // 3\n * add(0, 0)\n * @throws never')
    expect(readExamples('a.ts', source)).toEqual([
      { file: 'a.ts', line: 4, name: 'add', code: 'add(1, 2) // 3\nadd(0, 0)' },
    ])
  })

  it('takes lines together until they compile', () => {
    expect(readStatements("const x = 'http://a' // words\nf(\n  x,\n) // 3\ng()\n// one\n// two")).toEqual([
      { code: "const x = 'http://a'", isExpression: false, comment: 'words' },
      { code: 'f(\n  x,\n)', isExpression: true, comment: '3' },
      { code: 'g()', isExpression: true, comment: 'one\ntwo' },
    ])
    expect(() => readStatements('for (const x of y) …')).toThrow('mid-statement')
    expect(() => readStatements('const x = f()\n(x)')).toThrow('without semicolons')
  })

  it('reads the value of a comment up to its end, `; ` or ` – `', () => {
    expect(promised("'a; b'")).toEqual({ value: 'a; b' })
    expect(promised('[1, 2]; the first two')).toEqual({ value: [1, 2] })
    expect(promised('-1e-3 – small')).toEqual({ value: -1e-3 })
    expect(promised('about 3')).toBeUndefined()
    expect(() => promised('3 or so')).toThrow('begins as a value')
  })

  it('fails when a value is another', async () => {
    const example = { file: 'a.ts', line: 1, name: 'double' }
    const scope = new Map([['double', (x: number) => 2 * x]])
    expect(await runExample({ ...example, code: 'double(2) // 4' }, scope)).toBe(1)
    await expect(runExample({ ...example, code: 'double(2) // 5' }, scope)).rejects.toThrow('a.ts:1: double(2)')
    await expect(runExample({ ...example, code: 'double(2) === 5' }, scope)).rejects.toThrow('a.ts:1')
    await expect(runExample({ ...example, code: 'const x = double(2) // 4' }, scope)).rejects.toThrow('promised')
  })
})
