import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }

// The command as a user meets it: what it prints, and how it ends.

const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function alippe(...words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...words],
      { cwd: folder, env: { ...process.env, NO_COLOR: '1' } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

const quick = '--vocab 300 --depth 1 --width 32 --batch 2 --tokens 16 --steps 3 --evaluation-batches 1'.split(' ')
const train = (data: string, ...more: string[]) =>
  alippe('train', '--data', data, '--out', `run-${data.replaceAll('/', '-')}`, ...quick, ...more)

describe('alippe', () => {
  it('says its version and what it can do', async () => {
    expect((await alippe('--version')).stdout.trim()).toBe(packageJson.version)
    const { stdout } = await alippe('--help')
    for (const verb of ['start', 'train', 'generate', 'explain', 'tokenizer', 'doctor']) expect(stdout).toContain(verb)
  })

  it.each([
    [['trian'], 2, /unknown command 'trian'/],
    [['train', '--steps', 'many'], 3, /expected a whole number of 1 or more, got many/],
    [['train', '--model', 'gpt5', '--data', '.'], 3, /there is no model called gpt5; there are llama, gpt2/],
    [['train', '--precision', 'f8'], 3, /--precision must be f32 or bf16, got f8/],
    [['generate', 'nowhere', 'Hello'], 1, /nowhere\/config.json: cannot be read; is this the folder of a model\?/],
    [['explain', 'plan', '--width', '100', '--heads', '3'], 3, /a width of 100 does not divide into 3 heads/],
  ] as const)('%j ends with %i and says why', async (words, code, message) => {
    await writeFile(join(folder, 'words.txt'), 'some words '.repeat(100))
    const result = await alippe(...words)
    expect(result.stderr).toMatch(message)
    expect(result.stderr).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(code)
  })

  it('explains a program before it runs', async () => {
    const { stdout } = await alippe(
      'explain',
      'plan',
      '--model',
      'gpt2',
      '--depth',
      '1',
      '--width',
      '32',
      '--tokens',
      '16',
    )
    expect(stdout).toMatch(/layer-norm-backward/)
    expect(stdout).toMatch(/\d+ calls · arena [\d.]+ .?B · state [\d.]+ .?B · [\d.]+ .?FLOP · [\d.]+ .?B moved/)
    const { stdout: json } = await alippe('explain', 'plan', '--depth', '1', '--json')
    expect(JSON.parse(json).arenaBytes).toBeGreaterThan(0)
  })
})

describe('training on any text', () => {
  it('refuses an empty file', async () => {
    await writeFile(join(folder, 'empty.txt'), '')
    const { code, stderr } = await train('empty.txt')
    expect(stderr).toMatch(/^alippe: .*no text|empty/)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(4)
  })

  it('refuses one byte, and says how much is needed', async () => {
    await writeFile(join(folder, 'one.txt'), 'a')
    const { code, stderr } = await train('one.txt')
    expect(stderr).toMatch(/has 2 tokens, at least 34 are needed .*shorten --tokens or give more text/)
    expect(code).toBe(4)
  })

  it('refuses a path that is not there', async () => {
    const { code, stderr } = await train('missing')
    expect(stderr).toMatch(/missing/)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(4)
  })

  it('mends what is not UTF-8, and says so', async () => {
    const words = Buffer.from('Some text, and then a byte that is none. '.repeat(60))
    await writeFile(join(folder, 'broken.txt'), Buffer.concat([words, Buffer.of(0xff, 0x20), words]))
    const { code, stdout } = await train('broken.txt')
    expect(stdout).toMatch(/mended +1 × not UTF-8/)
    expect(code).toBe(0)
  })

  it('skips binaries in a folder, counts them, and trains on the rest', async () => {
    await mkdir(join(folder, 'mixed'))
    await writeFile(join(folder, 'mixed', 'a.md'), '# Words\n\n' + 'More words for a model to read. '.repeat(80))
    await writeFile(join(folder, 'mixed', 'b.bin'), Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 37) & 255)))
    const { code, stdout } = await train('mixed')
    expect(stdout).toMatch(/skipped +1 × holds no text/)
    expect(stdout).toMatch(/Trained in/)
    expect(code).toBe(0)
  })

  it('does not write over a run that is there', async () => {
    const { code, stderr } = await train('mixed')
    expect(stderr).toMatch(/run-mixed holds a run already: go on with --resume/)
    expect(code).toBe(3)
  })

  it('plans without leaving anything behind', async () => {
    const { code, stdout } = await train('mixed', '--dry-run', '--out', 'nothing')
    expect(code).toBe(0)
    expect(stdout).toMatch(/memory +[\d.]+ .B beside the program itself/)
    expect(existsSync(join(folder, 'nothing'))).toBe(false)
  })

  it('leaves a model that writes', async () => {
    const { stdout, code } = await alippe('generate', 'run-mixed', 'More', '--tokens', '8', '--json')
    expect(code).toBe(0)
    const { prompt, tokens } = JSON.parse(stdout)
    expect(prompt).toBe('More')
    expect(tokens).toBeGreaterThan(0)
    const again = await alippe('generate', 'run-mixed', 'More', '--tokens', '8', '--json')
    expect(JSON.parse(again.stdout).text).toBe(JSON.parse(stdout).text)
  })
})

describe('alippe start', () => {
  it('trains what a recipe says, answers, and goes on where it ended', { timeout: 60_000 }, async () => {
    const first = await readFile(join(import.meta.dirname, '..', 'recipes', 'first.toml'), 'utf8')
    const small = first
      .replace(/^documents = .*/m, 'documents = 1500')
      .replace(/^vocabulary = .*/m, 'vocabulary = 400')
      .replace(/^width = .*/m, 'width = 32')
      .replace(/^layers = .*/m, 'layers = 1')
      .replace(/^steps = .*/m, 'steps = 12')
    await writeFile(join(folder, 'small.toml'), small)
    const once = await alippe('start', '--once', '--recipe', 'small.toml')
    expect(once.stderr).toBe('')
    expect(once.stdout).toMatch(/limit +\d\.\d{3} nats a token/)
    expect(once.stdout).toMatch(/100% step 12\/12 loss/)
    expect(once.stdout).toMatch(/entropy of the text/)
    expect(once.stdout).toMatch(/\d+ of \d+ such questions are answered right/)
    const again = await alippe('start', '--once', '--recipe', 'small.toml')
    expect(again.stdout).toMatch(/resumed +after step 12\nThe model is trained already/)
    expect(again.code).toBe(0)
  })

  it('says which entry of a recipe is wrong', async () => {
    await writeFile(join(folder, 'wrong.toml'), '[corpus]\nworld = "one"\n')
    const { code, stderr } = await alippe('start', '--recipe', 'wrong.toml')
    expect(stderr).toMatch(/wrong.toml: corpus: world must be a number, got one/)
    expect(code).toBe(3)
  })
})

describe('alippe doctor', () => {
  it('measures what every percentage is taken of', { timeout: 60_000 }, async () => {
    const { stdout, code } = await alippe('doctor', '--json')
    expect(code).toBe(0)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({
      backend: expect.stringMatching(/^cpu /),
      isa: expect.any(String),
      webgpu: { adapter: null },
    })
    expect(report.peak.f32).toBeGreaterThan(1)
    expect(report.memory.readGBs).toBeGreaterThan(0.1)
    expect(report.wasm.simd).toBe(true)
    expect(report.wasm.peakF32).toBeGreaterThan(0.1)
  })
})
