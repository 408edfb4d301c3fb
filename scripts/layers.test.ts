import { describe, expect, it } from 'vitest'
import { checkLayers, findingText, readLayers } from './layers.ts'

const architecture = `
# A house

| layer | folder | may import | what it is |
|---|---|---|---|
| ground | \`base/\` | nothing | |
| engine | \`engine/\` | \`base\` | |
| engine | \`engine/fast/\` | \`base\`, \`engine\` | |
| edge | \`cli/\` | everything above, \`node:\`, \`scripts\`, \`parser\` | |

After the table.
`

/** A tree that keeps to the table, with changes on top. */
function check(changes: Record<string, string>, packages: string[] = []) {
  const tree = {
    'src/base/index.ts': "export * from './shape.ts'",
    'src/base/shape.ts': 'export const a = 1',
    'src/engine/index.ts': "export * from './contract.ts'",
    'src/engine/contract.ts': "import type { A } from '../base/index.ts'",
    'src/engine/fast/index.ts': "import { b } from '../contract.ts'\nimport { a } from '../../base/index.ts'",
    'src/cli/main.ts':
      "import 'node:fs'\nimport '../engine/fast/index.ts'\nimport '../../scripts/x.ts'\nprocess.exit()",
    ...changes,
  }
  return checkLayers(readLayers(architecture), new Map(Object.entries(tree)), new Set(packages)).map(findingText)
}

describe('readLayers', () => {
  it('reads folders and what they may import', () => {
    const [base, engine, fast, cli] = readLayers(architecture)
    expect(base).toEqual({ folder: 'base', mayImport: new Set(), knowsNode: false })
    expect(engine).toEqual({ folder: 'engine', mayImport: new Set(['base']), knowsNode: false })
    expect(fast).toEqual({ folder: 'engine/fast', mayImport: new Set(['base', 'engine']), knowsNode: false })
    expect(cli.mayImport).toEqual(new Set(['base', 'engine', 'engine/fast', 'scripts', 'parser']))
    expect(cli.knowsNode).toBe(true)
  })

  it('refuses a row that allows what stands below it', () => {
    expect(() => readLayers(architecture.replace('nothing', '`engine`'))).toThrow(
      /base may import engine, which stands below it/,
    )
  })

  it('refuses a row that says nothing, and a text without a table', () => {
    expect(() => readLayers(architecture.replace('nothing', ' '))).toThrow(/say what base may import/)
    expect(() => readLayers('# A house')).toThrow(/has no table/)
  })
})

describe('checkLayers', () => {
  it('accepts a tree that keeps to the table', () => {
    expect(check({})).toEqual([])
  })

  it('finds an import that goes up, types included', () => {
    const [finding, circle] = check({ 'src/base/shape.ts': "\nimport type { B } from '../engine/index.ts'" })
    expect(finding).toBe(
      'src/base/shape.ts:2: base imports src/engine/index.ts, but may import nothing; move the code down, pass it as an argument, or change the table in ARCHITECTURE.md',
    )
    expect(circle).toContain('closes a circle')
  })

  it('finds an import of a file of another folder', () => {
    const [finding, ...others] = check({ 'src/engine/contract.ts': "import { a } from '../base/shape.ts'" })
    expect(finding).toMatch(/contract.ts:1: imports src\/base\/shape.ts; across folders import src\/base\/index.ts/)
    expect(others).toEqual([])
  })

  it('keeps a folder from importing what lies inside it', () => {
    const [finding] = check({ 'src/engine/run.ts': "import './fast/index.ts'" })
    expect(finding).toMatch(/engine imports src\/engine\/fast\/index.ts, but may import only base/)
  })

  it('finds circles between files, of types too, and through tests', () => {
    const circle = check({
      'src/base/shape.ts': "import type { D } from './dtype.ts'",
      'src/base/dtype.ts': "import type { S } from './shape.ts'",
    })
    expect(circle).toHaveLength(1)
    expect(circle[0]).toContain('src/base/shape.ts → src/base/dtype.ts → src/base/shape.ts')
    const self = check({ 'src/base/a.test.ts': "import './a.test.ts'" })
    expect(self[0]).toContain('closes a circle')
  })

  it('finds Node outside of the folders that know it', () => {
    const findings = check({ 'src/base/shape.ts': "import { x } from 'node:fs'\nimport y from 'os'\nprocess.cwd()" })
    expect(findings).toHaveLength(3)
    expect(findings[0]).toMatch(/shape.ts:1: imports node:fs; only folders with `node:`/)
    expect(findings[1]).toMatch(/shape.ts:2: imports os; write node:os/)
    expect(findings[2]).toMatch(/shape.ts:3: uses process, which browsers lack/)
  })

  it('allows packages that a row lists and that users get', () => {
    const [unlisted] = check({ 'src/base/shape.ts': "import '@scope/name/part'" }, ['@scope/name'])
    expect(unlisted).toMatch(/imports the package @scope\/name; do without, or list `@scope\/name` in the row of base/)
    const change = { 'src/cli/run.ts': "import 'parser/part'" }
    expect(check(change)).toEqual([expect.stringContaining('parser, which is not among the dependencies')])
    expect(check(change, ['parser'])).toEqual([])
  })

  it('exempts tests from the table', () => {
    expect(
      check({ 'src/base/shape.test.ts': "import 'node:fs'\nimport 'vitest'\nimport '../engine/contract.ts'" }),
    ).toEqual([])
    expect(check({ 'src/engine/x.ts': "import '../base/a.test.ts'", 'src/base/a.test.ts': '' })[0]).toMatch(
      /imports a test/,
    )
  })

  it('finds what lies outside: of every folder, of src/, of the tree', () => {
    expect(check({ 'src/other/a.ts': '' })[0]).toMatch(/lies in no folder that the table/)
    expect(check({ 'src/base/shape.ts': "import '../../scripts/x.ts'" })[0]).toMatch(
      /imports scripts\/x.ts, outside src\//,
    )
    expect(check({ 'src/base/shape.ts': "import './gone.ts'" })[0]).toMatch(
      /imports src\/base\/gone.ts, which does not exist/,
    )
    const empty = checkLayers(readLayers(architecture), new Map([['src/base/index.ts', '']])).map(findingText)
    expect(empty[0]).toMatch(/the table lists src\/engine\/, which has no files/)
  })

  it('does not count a file that is started as a worker as a circle', () => {
    const start = "new Worker(new URL('./worker.ts', import.meta.url))"
    expect(check({ 'src/base/shape.ts': start, 'src/base/worker.ts': "import './shape.ts'" })).toEqual([])
  })
})
