import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { command } from '../src/cli/data.ts'
import { readDataRecipe } from '../src/cli/data-recipe.ts'
import { reportError } from '../src/cli/errors.ts'
import { openShards, world } from '../src/data/index.ts'
import { fileFolder, openTokenizer } from '../src/node/index.ts'
import { cleaningOf } from '../src/node/prepare/index.ts'

// `alippe data`, as a user meets it. What needs no process of its own runs in this one, which is faster.

const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts')
const options = { env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }, maxBuffer: 1 << 26 }
let folder: string
let home: string

function alippe(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { ...options, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

/** The verb in this process. */
async function data(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => void (said.stdout += `${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((text: string) => void (said.stderr += `${text}\n`)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((said.stderr += text))),
  ]
  try {
    const program = new Command('alippe').exitOverride()
    command(program)
    await program.parseAsync(['data', ...words], { from: 'user' })
    return { code: 0, ...said }
  } catch (error) {
    return { code: reportError(error), ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

const at = (...names: string[]) => join(folder, ...names)
const jsonl = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

const { document } = world()
/** Some sentences of one language, so that no filter minds. */
const story = (i: number, language: string) => {
  const texts: string[] = []
  for (let at = 0; texts.length < 7; at++) {
    const told = document(1000 * i + at)
    if (told.language === language) texts.push(told.text)
  }
  return texts.join('\n')
}
const stories = Array.from({ length: 60 }, (_, i) => story(i, i % 2 === 0 ? 'en' : 'kk'))
const hostile = '<script>alert("x")</script> & <img src=x onerror=alert(1)> \u001b[2J Қазақ тілі'

/** Options that make little work. */
const quick = ['--vocab', '500', '--workers', '1', '--without', 'all']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  home = process.cwd()
  process.chdir(folder)
  vi.stubEnv('NO_COLOR', '1')
  vi.stubEnv('FORCE_COLOR', undefined)
  const records = [
    ...stories.map((text, i) => ({ text, number: i })),
    { text: stories[3] },
    { text: hostile },
    { no: 1 },
  ]
  await writeFile(at('web.jsonl'), `${jsonl(records)}{"broken\n`)
  await writeFile(at('notes.txt'), ['One note, about rain.', 'Another note.', 'One note, about rain.'].join('\n\n'))
  const whole = gzipSync(jsonl(Array.from({ length: 400 }, (_, i) => ({ text: document(90_000 + i).text }))))
  await writeFile(at('broken.jsonl.gz'), whole.subarray(0, whole.length >> 1))
  const prepared = await data('prepare', 'web.jsonl', 'broken.jsonl.gz', '-o', 'corpus', '--tokens', '64', ...quick)
  expect(prepared).toMatchObject({ code: 0 })
}, 60_000)
afterAll(async () => {
  vi.unstubAllEnvs()
  process.chdir(home)
  await rm(folder, { recursive: true, force: true })
})

describe('alippe data', { timeout: 60_000 }, () => {
  it('prepares a folder, says what became of the sources, and what to do next', async () => {
    const words = [
      'prepare',
      'web=web.jsonl',
      'gone=broken.jsonl.gz',
      '-o',
      'mixed',
      '--tokens',
      '64',
      '--weights',
      'web=1',
    ]
    const { stdout, stderr, code } = await alippe(
      'data',
      ...words,
      '--vocab',
      '500',
      '--workers',
      '1',
      '--languages',
      'en',
      'kk',
    )
    expect(code).toBe(0)
    expect(stderr.trim().split('\n')).toEqual(
      ['inputs', 'clean', 'select', 'tokenizer', 'encode', 'arrange'].map((stage) => `${stage} …`),
    )
    expect(stdout).toMatch(/^read +\d+ .*1 broken JSON/m)
    expect(stdout).toMatch(/1 damaged file/)
    expect(stdout).toMatch(/^c4 .*too few sentences/m)
    expect(stdout).toMatch(/^exact duplicates .*1 equal document/m)
    expect(stdout).toMatch(/^web +.* 1 +100 %$/m)
    expect(stdout).toMatch(/^gone +.* 0 +0 %/m)
    expect(stdout).toContain('alippe train --data mixed --tokens 64')
    expect(stdout).not.toContain('\u001b')
    const again = await data(...words, '--vocab', '500', '--languages', 'en', 'kk', '--json')
    const { reused, index, report } = JSON.parse(again.stdout)
    expect(reused).toBe(true)
    expect(index.rowTokens).toBe(65)
    expect(report.recipe.mix).toEqual({ weights: { web: 1 } })
  })

  it('writes a page that shows foreign text and runs none of it', async () => {
    await data('prepare', 'web.jsonl', '-o', 'shown', '--vocab', '500', '--workers', '1')
    const page = await readFile(at('shown', 'report.html'), 'utf8')
    expect(page).toContain('Қазақ тілі')
    for (const part of ['<script', '<img', 'onerror=alert(1)>', '\u001b']) expect(page).not.toContain(part)
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &lt;img')
    expect(page).not.toMatch(/<[^>]*\s(src|href)=|@import|url\(/)
    expect(page).toContain("default-src 'none'")
  })

  it('prepares the same bytes after Ctrl-C at any stage', async () => {
    const files = async (name: string) => {
      const names = (await readdir(at(name))).filter((file) => !file.startsWith('report.'))
      return Promise.all(names.sort().map(async (file) => [file, (await readFile(at(name, file))).toString('base64')]))
    }
    const words = (output: string) => ['prepare', 'web.jsonl', 'notes.txt', '-o', output, '--tokens', '64', ...quick]
    expect((await data(...words('whole'))).code).toBe(0)
    for (const stage of ['clean', 'tokenizer']) {
      const stopped = await interrupted(words(stage), `${stage} …`)
      expect(stopped.code).toBe(130)
      expect(stopped.stderr).toMatch(/Stopped\. The same command goes on/)
      expect(await readdir(at(stage)).catch(() => [])).not.toContain('index.json')
      const { code, stdout } = await data(...words(stage))
      expect(code).toBe(0)
      if (stage === 'tokenizer') expect(stdout).toContain('Went on with what an earlier start had done.')
      expect(await files(stage)).toEqual(await files('whole'))
    }
  })

  it('packs documents as they are', async () => {
    const { code, stdout } = await data(
      ...['pack', 'notes.txt', '--split', 'blank line', '-o', 'packed', '--tokenizer', 'corpus', '--validation', '0'],
      ...['--workers', '1', '--json'],
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout).report.stages.map(({ stage }: { stage: string }) => stage)).toEqual(['inputs', 'read'])
    const { length, read, index } = await openShards(fileFolder(folder), 'packed')
    const tokenizer = await openTokenizer(at('packed'))
    const texts = tokenizer.decode(await read(0, length)).split(tokenizer.tokenOf(index.separator!)!)
    expect(texts.sort()).toEqual(['', 'Another note.', 'One note, about rain.', 'One note, about rain.'])
  })

  it.each([
    ['once.jsonl.gz', (bytes: Buffer) => gunzipSync(bytes)],
    ['once.jsonl.zst', (bytes: Buffer) => zstdDecompressSync(bytes)],
  ] as const)('dedup writes %s without what was there before', async (file, open) => {
    const { code, stdout } = await data(
      'dedup',
      'web.jsonl',
      'notes.txt',
      '--split',
      'blank line',
      '-o',
      file,
      '--json',
    )
    expect(code).toBe(0)
    const lines = open(await readFile(at(file)))
      .toString()
      .trimEnd()
      .split('\n')
    const texts = lines.map((line) => JSON.parse(line).text)
    expect(texts).toEqual([...stories, hostile, 'One note, about rain.', 'Another note.'])
    expect(JSON.parse(lines[1])).toMatchObject({ id: expect.any(String), source: 'web.jsonl', meta: { number: 1 } })
    const { clusters, bands, stages } = JSON.parse(stdout)
    expect(clusters.map(({ documents }: { documents: number }) => documents)).toEqual([2, 2])
    expect(bands.bins).toHaveLength(10)
    expect(stages.at(-1).out.documents).toBe(texts.length)
    expect((await readdir(folder)).filter((name) => name.endsWith('.work'))).toEqual([])
  })

  it('dedup writes the same after Ctrl-C', async () => {
    const words = ['dedup', 'web.jsonl', '--workers', '1', '-o']
    const stopped = await interrupted([...words, 'stopped.jsonl'], 'read …')
    expect(stopped).toMatchObject({ code: 130, stderr: expect.stringContaining('The same command goes on') })
    expect(await readdir(folder)).not.toContain('stopped.jsonl')
    expect((await data(...words, 'stopped.jsonl')).code).toBe(0)
    expect((await data(...words, 'straight.jsonl')).code).toBe(0)
    expect(await readFile(at('stopped.jsonl'), 'utf8')).toBe(await readFile(at('straight.jsonl'), 'utf8'))
  })

  it('dedup removes passages and lines, into a folder with a report', async () => {
    const line = 'This line is said at the end of every page there is.'
    const pages = Array.from({ length: 12 }, (_, i) => ({
      text: `Page ${i} has a text of its own: ${i * i * 7919}.\n${line}`,
    }))
    await writeFile(at('pages.jsonl'), jsonl([...pages, { text: line }]))
    const read = async (name: string) =>
      (await readFile(at(name, 'documents.jsonl'), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((row) => JSON.parse(row).text)
    const only = ['--no-near', '--no-exact', '--workers', '1']
    const { stdout } = await data('dedup', 'pages.jsonl', '-o', 'lines', '--lines', ...only)
    expect(await read('lines')).toEqual(pages.map(({ text }, i) => (i === 0 ? text : `${text.split('\n')[0]}\n`)))
    expect(stdout).toMatch(/^write .*1 nothing is left/m)
    expect(await readFile(at('lines', 'report.html'), 'utf8')).toContain('nothing is left')
    await data('dedup', 'pages.jsonl', '-o', 'passages', '--passages', '40', ...only)
    const texts = await read('passages')
    expect(texts).toHaveLength(12)
    expect(texts.filter((text) => text.includes(line))).toHaveLength(1)
  })

  it('counts what texts are like, in sources and in shards', async () => {
    const { stdout } = await data('stats', 'web.jsonl', '--tokenizer', 'corpus', '--json')
    const tokenizer = await openTokenizer(at('corpus'))
    const texts = [...stories, stories[3], hostile]
    const sum = (of: (text: string) => number) => texts.reduce((all, text) => all + of(text), 0)
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({
      documents: texts.length,
      bytes: sum((text) => Buffer.byteLength(text)),
      characters: sum((text) => [...text].length),
      tokens: sum((text) => tokenizer.encode(text).length),
    })
    expect(found.lengths.reduce((all: number, { documents }: { documents: number }) => all + documents, 0)).toBe(
      texts.length,
    )
    expect(found.languages.map(({ language }: { language: string }) => language).slice(0, 2)).toEqual(['kk', 'en'])
    expect(Object.keys(found.problems[1].dropped)).toEqual(['no text field', 'broken JSON'])
    await data('pack', 'web.jsonl', '-o', 'plain', '--tokenizer', 'corpus', '--validation', '0', '--workers', '1')
    const shards = JSON.parse((await data('stats', 'plain', '--json')).stdout)
    expect(shards).toMatchObject({ documents: found.documents, bytes: found.bytes, tokens: found.tokens })
    expect((await data('stats', 'corpus')).stdout).toMatch(/^tokens from/m)
  })

  it('shows rows as a model sees them', async () => {
    const { stdout } = await data('inspect', 'corpus', '-n', '4', '--seed', '3')
    expect(stdout).toMatch(/^rows +64 tokens and a last target/m)
    expect(stdout.match(/^train, row [\d,]+: \d+ documents?$/gm)).toHaveLength(4)
    expect(stdout).toContain('<|endoftext|>')
    const { rows, index } = JSON.parse((await data('inspect', 'corpus', '-n', '9', '--json')).stdout)
    for (const { documents, filler, start } of rows) {
      expect(start % index.rowTokens).toBe(0)
      const held = documents.reduce(
        (all: number, { tokens, begins }: { tokens: number; begins: boolean }) => all + tokens + Number(begins),
        0,
      )
      // The last id of a row is a target, and may be the separator behind its last document.
      expect([index.rowTokens - 1, index.rowTokens]).toContain(held + filler)
    }
    expect((await data('inspect', 'corpus', '--seed', '3', '-n', '4')).stdout).toBe(stdout)
  })

  it('shows what filters say of documents', async () => {
    const { stdout } = await data('inspect', 'web.jsonl', '--dropped')
    expect(stdout).toMatch(/^✗ dropped {2}web\.jsonl@\d+ /m)
    expect(stdout).toMatch(/c4: too few sentences \(1 sentences; at least 3 are asked for\)/)
    expect(stdout).toMatch(/repair: 1 × control characters/)
    expect(stdout).not.toContain('\u001b')
    const dropped = stdout.match(/^✗ dropped/gm)!.length
    expect(stdout).toContain(`62 documents read, ${62 - dropped} kept, ${dropped} dropped`)
    expect(stdout).toMatch(/^broken JSON +1 /m)
    const { documents } = JSON.parse((await data('inspect', 'web.jsonl', '-n', '2', '--json')).stdout)
    expect(documents).toMatchObject([
      { kept: true, language: 'en' },
      { kept: true, language: 'kk' },
    ])
  })

  it('prepares what training reads: packed rows, their tokenizer, their validation', async () => {
    const words = [
      'train',
      '--data',
      'corpus',
      '--out',
      'run',
      '--depth',
      '1',
      '--batch',
      '2',
      '--json',
      '--save-every',
      '2',
    ]
    const losses = ({ stdout }: { stdout: string }) =>
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ kind }) => kind !== 'checkpoint')
    const begun = losses(await alippe(...words, '--steps', '2'))
    expect(begun.map(({ kind, step }) => [kind, step])).toEqual([
      ['step', 1],
      ['step', 2],
      ['evaluation', 2],
    ])
    expect(begun.every(({ lossNats }) => Number.isFinite(lossNats))).toBe(true)
    const resumed = losses(await alippe(...words, '--steps', '4', '--resume'))
    expect(resumed.map(({ kind, step }) => [kind, step])).toEqual([
      ['step', 3],
      ['step', 4],
      ['evaluation', 4],
    ])
    const { code, stderr } = await alippe(...words, '--tokens', '32')
    expect(stderr).toContain('packed into rows of 64: leave --tokens out')
    expect(code).toBe(3)
  })

  it('has a recipe whose values are those that hold without it', async () => {
    const recipe = await readDataRecipe(join(import.meta.dirname, '..', 'recipes', 'data.toml'))
    const none = { perplexity: [], quality: [] }
    const settings = async (filters: typeof recipe.filters) =>
      (await cleaningOf({ filters, dedup: recipe.dedup }, none)).filters.map(({ name, settings }) => [name, settings])
    const { language, ...others } = recipe.filters!
    expect(language).toEqual({ keep: ['en', 'kk'], leastConfidence: 0.5 })
    expect(await settings(others)).toEqual(await settings({}))
    expect((await cleaningOf(recipe, none)).hasher!.hashes).toBe((await cleaningOf({}, none)).hasher!.hashes)
  })

  it.each([
    [['prepare', 'web.jsonl'], 2, /^error: required option '-o, --output <folder>' not specified/],
    [['pack', 'web.jsonl', '-o', 'x'], 2, /required option '--tokenizer <path>' not specified/],
    [['prepare', 'notes.txt', '-o', 'corpus'], 3, /corpus holds another set \(of web\.jsonl, broken\.jsonl\.gz\)/],
    [['prepare', 'nowhere', '-o', 'x'], 4, /nowhere/],
    [['prepare', 'web.jsonl', '-o', 'x', '--recipe', 'none.toml'], 3, /none\.toml: cannot be read/],
    [
      ['prepare', 'web.jsonl', '-o', 'x', '--recipe', 'key.toml'],
      3,
      /key\.toml: filters\.gopher\.leastWord is not known; did you mean leastWords\?/,
    ],
    [
      ['prepare', 'web.jsonl', '-o', 'x', '--recipe', 'type.toml'],
      3,
      /type\.toml: dedup\.near\.bands must be a whole number from 1 on, got "many"/,
    ],
    [['prepare', 'web.jsonl', '-o', 'x', '--without', 'gofer'], 3, /no filter gofer; did you mean gopher\?/],
    [['prepare', 'web.jsonl', '-o', 'x', '--weights', 'web'], 3, /--weights takes NAME=SHARE/],
    [['prepare', 'web.jsonl', '-o', 'x', '--near-threshold', '1'], 3, /--near-threshold must lie between 0 and 1/],
    [
      ['dedup', 'web.jsonl', '-o', 'x.jsonl', '--passages', '50', '--passage-memory', '0.0001'],
      4,
      /passages: \d+ bytes of text need/,
    ],
    [['dedup', 'web.jsonl', '-o', 'x.csv'], 3, /x\.csv: documents are written as \.jsonl/],
    [['inspect', 'packed-nowhere'], 4, /packed-nowhere/],
  ] as const)('%j says what is wrong', async (words, code, message) => {
    await writeFile(at('key.toml'), '[filters.gopher]\nleastWord = 3\n')
    await writeFile(at('type.toml'), '[dedup.near]\nbands = "many"\n')
    const found = await data(...words)
    expect(found.stderr).toMatch(message)
    expect(found.stderr).not.toMatch(/^\s+at /m)
    expect(found.stdout).toBe('')
    expect(found.code).toBe(code)
  })
})

/** Runs a verb and presses Ctrl-C when it has said something. */
function interrupted(words: readonly string[], when: string): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, 'data', ...words], { ...options, cwd: folder })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!stderr.includes(when) && (stderr + text).includes(when)) child.kill('SIGINT')
      stderr += text
    })
    child.on('close', (code) => resolve({ code, stderr }))
  })
}
