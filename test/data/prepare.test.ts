import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, DataError, random } from '../../src/base/index.ts'
import { batches, openShards, world } from '../../src/data/index.ts'
import type { Recipe } from '../../src/data/prepare/index.ts'
import { fileFolder } from '../../src/node/files.ts'
import { openTokenizer } from '../../src/node/index.ts'
import { prepare } from '../../src/node/prepare/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'prepare-'))
afterAll(() => rm(folder, { recursive: true }))
const sources = join(folder, 'sources')

const recipe: Recipe = {
  filters: { language: false, c4: false, gopher: false, repetition: false },
  dedup: { lines: { moreThan: 3 } },
  tokenizer: { vocabSize: 512 },
  rowTokens: 512,
  validation: 0.1,
  mix: { epochs: 2, temperature: 2 },
}

/** Some hundred documents in several files and formats, a few of them twice or nearly so. */
beforeAll(async () => {
  await mkdir(sources)
  const { documents } = world({ seed: 3 })
  const told = documents()
  const rng = random(5)
  const text = () => Array.from({ length: 8 + rng.integer(12) }, () => told.next().value.text).join('\n')
  const lines = (count: number) => Array.from({ length: count }, () => JSON.stringify({ text: text(), year: 1990 }))
  const first = lines(150)
  writeFileSync(join(sources, 'a.jsonl'), [...first, ...first.slice(0, 9), '{"broken'].join('\n'))
  writeFileSync(join(sources, 'b.jsonl.gz'), gzipSync(`${lines(80).join('\n')}\n`))
  writeFileSync(join(sources, 'c.txt'), `${JSON.parse(first[3]).text} And one more.`)
  writeFileSync(join(sources, 'd.md'), `# Notes\n\n${text()}\n\nRead more\n`)
  writeFileSync(
    join(sources, 'e.csv'),
    `text,n\n${Array.from({ length: 30 }, (_, i) => `"${text().replaceAll('"', '""')}",${i}`).join('\n')}\n`,
  )
})

/** Every file that is left, by the hash of its bytes; the report has times in it. */
function bytesOf(path: string): Record<string, string> {
  const files = readdirSync(path).filter((name) => name !== 'report.json' && name !== '.work')
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(path, name)))
        .digest('hex'),
    ]),
  )
}

const made = (name: string, options: object = {}) =>
  prepare({ names: [`mine=${sources}`], recipe, output: join(folder, name), workers: 1, ...options })

describe('prepare', { timeout: 120_000 }, () => {
  it('goes from files of any format to rows that a model is trained on', async () => {
    const { index, report, reused } = await made('one')
    expect(reused).toBe(false)
    const stage = (name: string) => report.stages.find(({ stage }) => stage === name)!
    expect(stage('read').dropped).toHaveProperty(['broken JSON'])
    expect(stage('exact duplicates').dropped['equal document'].documents).toBe(9)
    expect(stage('near duplicates').dropped['similar document'].documents).toBeGreaterThanOrEqual(1)
    // What goes out of a stage comes into the next.
    const flow = report.stages.slice(1).filter(({ stage }) => stage !== 'repeated lines')
    for (let i = 1; i < flow.length; i++) expect(flow[i].in).toEqual(flow[i - 1].out)
    const left = flow.at(-1)!.out.documents
    const aside = report.validation!.documents
    expect(report.train.documents).toBe(2 * (left - aside))
    expect(index.rowTokens).toBe(513)

    const tokenizer = await openTokenizer(join(folder, 'one'))
    const shards = await openShards(fileFolder(folder), 'one')
    const data = batches(shards, { batch: 8, tokens: 512, seed: 1 })
    const { inputs, targets, documents } = await data.at(0)
    expect(new Set(documents).size).toBeGreaterThan(1)
    expect(tokenizer.decode(inputs)).toMatch(/\p{L}{3}/u)
    for (let i = 0; i < 511; i++) if (documents![i] === documents![i + 1]) expect(targets[i]).toBe(inputs[i + 1])
    expect(existsSync(join(folder, 'one', '.work'))).toBe(false)
  })

  it('gives the same bytes with any number of workers, however the work is cut', async () => {
    const expected = bytesOf(join(folder, 'one'))
    await made('two', { workers: 2, unitBytes: 40_000, keepWork: true })
    expect(bytesOf(join(folder, 'two'))).toEqual(expected)
    await made('four', { workers: 4, unitBytes: 7_000 })
    expect(bytesOf(join(folder, 'four'))).toEqual(expected)
    expect((await made('one')).reused).toBe(true)
    const other = await prepare({
      names: [`mine=${sources}`],
      recipe: { ...recipe, seed: 2 },
      output: join(folder, 'other'),
      workers: 1,
    })
    expect(other.report.train.documents).not.toBe(0)
    expect(bytesOf(join(folder, 'other'))).not.toEqual(expected)
  })

  it('takes over what was kept, and says when a folder holds another set', async () => {
    await rm(join(folder, 'two', 'index.json'))
    const clean = readdirSync(join(folder, 'two', '.work')).find((name) => name.startsWith('clean-'))!
    const times = () =>
      readdirSync(join(folder, 'two', '.work', clean)).map(
        (name) => statSync(join(folder, 'two', '.work', clean, name)).mtimeMs,
      )
    const before = times()
    const packed = { ...recipe, rowTokens: undefined }
    const { index } = await made('two', { recipe: packed, unitBytes: 40_000, keepWork: true })
    expect(index.rowTokens).toBeUndefined()
    expect(times()).toEqual(before)
    await expect(made('two')).rejects.toThrow(ConfigError)
    await expect(made('two')).rejects.toThrow(/two holds another set \(of mine=.*\): choose another folder/)
    const all = { ...recipe, filters: { length: { least: 1e6 } } }
    await expect(made('none', { recipe: all })).rejects.toThrow(DataError)
    await expect(made('none', { recipe: all })).rejects.toThrow(/no document is left: the filters took all/)
    await expect(made('mixed', { recipe: { ...recipe, mix: { weights: { yours: 1 } } } })).rejects.toThrow(
      /no text of the source yours; there are mine/,
    )
  })

  it('goes on after SIGKILL at any moment, to the same bytes', async () => {
    const expected = bytesOf(join(folder, 'one'))
    const source = (name: string) => JSON.stringify(new URL(`../../src/${name}`, import.meta.url).href)
    const output = join(folder, 'killed')
    const script = `
      const { prepare } = await import(${source('node/prepare/index.ts')})
      await prepare({ names: [${JSON.stringify(`mine=${sources}`)}], recipe: ${JSON.stringify(recipe)},
        output: ${JSON.stringify(output)}, workers: 2, unitBytes: 10_000 })`
    const run = () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'pipe'] })
    const rng = random(Date.now())
    let kills = 0
    for (;;) {
      const child = run()
      let said = ''
      child.stderr.on('data', (text) => (said += text))
      const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
      // From before anything is written to after the end; each attempt gets a little further.
      const timer = setTimeout(() => child.kill('SIGKILL'), 300 + 400 * kills * rng.next())
      const code = await ended
      clearTimeout(timer)
      if (code === 0) break
      expect(code, said).toBeNull()
      kills++
    }
    expect(kills).toBeGreaterThan(0)
    expect(bytesOf(output)).toEqual(expected)
    expect(existsSync(join(output, '.work'))).toBe(false)
  })
})
