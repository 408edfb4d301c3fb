import { describe, expect, it } from 'vitest'
import { readImports } from './read-imports.ts'

const specifiers = (source: string) => readImports(source).imports.map(({ specifier }) => specifier)
const globals = (source: string) => readImports(source).nodeGlobals.map(({ name }) => name)

describe('imports', () => {
  it('finds every form, with its line', () => {
    const source = `import a from './a.ts'
import type { B } from './b.ts'
import {
  type C,
  d,
} from './c.ts'
import * as e from "./e.ts"
import './f.ts'
export * from './g.ts'
export { type H, i } from './h.ts'
export type * as j from './j.ts'
const k = await import('./k.ts')
let l: import('./l.ts').L
`
    expect(readImports(source).imports.map(({ specifier, line }) => `${line} ${specifier}`)).toEqual([
      '1 ./a.ts',
      '2 ./b.ts',
      '6 ./c.ts',
      '7 ./e.ts',
      '8 ./f.ts',
      '9 ./g.ts',
      '10 ./h.ts',
      '11 ./j.ts',
      '12 ./k.ts',
      '13 ./l.ts',
    ])
  })

  it('finds files that are started as workers', () => {
    const { imports } = readImports(
      "new Worker(new URL('./worker.ts', import.meta.url)); new URL('./x.json', import.meta.url)",
    )
    expect(imports).toEqual([{ specifier: './worker.ts', line: 1, kind: 'worker' }])
  })

  it('is not misled by comments, strings, templates and regular expressions', () => {
    const source = [
      "// import './comment.ts'",
      "/* import './block.ts' */",
      'const text = "import \'./string.ts\'"',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a source that is read
      "const template = `import './template.ts' ${`${import.meta.url} } import './inner.ts'`} from './rest.ts'`",
      "const regex = /import '.\\/regex.ts' [/'`]/.test(text) ? /`/ : 1",
      'const quotient = i++ / 2 + list[0]! / 3 / (4) / 5',
      "import './after.ts'",
    ].join('\n')
    expect(readImports(source).imports).toEqual([{ specifier: './after.ts', line: 7, kind: 'file' }])
  })

  it('sees imports inside of templates', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a source that is read
    expect(specifiers("`${{ a: await import('./a.ts') }.a}`; import './b.ts'")).toEqual(['./a.ts', './b.ts'])
  })

  it('reports import() of what is not written there', () => {
    expect(readImports('\nimport(name)').openImports).toEqual([2])
    expect(readImports('import.meta.url').openImports).toEqual([])
  })

  it('reads `from` as a name where it is one', () => {
    expect(specifiers("const from = { from: './a.ts' }; f(from, './b.ts')")).toEqual([])
  })
})

describe('Node globals', () => {
  it('finds them', () => {
    expect(globals('process.env.X; f(Buffer.alloc(1)); globalThis.process?.env; const d = __dirname')).toEqual([
      'process',
      'Buffer',
      'process',
      '__dirname',
    ])
  })

  it('leaves names of our own alone', () => {
    expect(globals('a.process; b?.Buffer; const c = { process: 1, Buffer: 2 }; interface D { process?: E }')).toEqual(
      [],
    )
    expect(globals("interface A {\n  readonly process: B\n  process(): void\n}\n'process' // Buffer")).toEqual([])
  })
})
