import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { runAlippe } from './run-alippe.ts'

// The command as a user meets it: what it prints, and how it ends.

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const alippe = (...words: string[]) => runAlippe(folder, ...words)

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
    [['train', '--steps', 'many'], 3, /--steps must be a whole number from 1 on, got "many"/],
    [
      ['train', '--model', 'gpt5', '--data', '.'],
      3,
      /--model must be one of "llama", .* got "gpt5"; did you mean gpt2\?/,
    ],
    [['train', '--precision', 'f8'], 3, /--precision must be one of "f32", "bf16", "auto", got "f8"/],
    [['train', '--config', 'none.toml'], 3, /none\.toml: cannot be read \(ENOENT\)/],
    [['train', '--model', 'tiny', '--width', '64'], 3, /tiny has its own width, got 64: leave it out/],
    [['generate', 'nowhere', 'Hello'], 1, /cannot read nowhere: it does not exist/],
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

  it('takes settings from a file, and flags before it', async () => {
    const file = '[model]\nname = "gpt2"\n[training]\nsteps = 9\nbatch = 3\nseed = 5\n'
    await writeFile(join(folder, 'run.toml'), file)
    const { stdout } = await train('mixed', '--config', 'run.toml', '--dry-run', '--no-measure', '--json')
    const { settings, model } = JSON.parse(stdout)
    expect(settings).toMatchObject({ steps: 3, batch: 2, seed: 5 })
    expect(model.family).toBe('gpt2')
    await writeFile(join(folder, 'run.toml'), '[training]\nstep = 9\nlearningRate = 0\n')
    const wrong = await train('mixed', '--config', 'run.toml')
    expect(wrong.stderr).toBe(
      'alippe: run.toml: training.learningRate must be a number above 0, got 0\n' +
        'run.toml: training.step is not known; did you mean steps?\n',
    )
    expect(wrong.code).toBe(3)
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

describe('a dry run', () => {
  it('says what a run would take, and leaves nothing behind', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'))
    const { code, stdout } = await alippe('train', '--model', 'tiny', '--dry-run', '--out', empty)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^model +gpt2, layers 4, width 128, heads 4, context 128, vocabulary 512$/m)
    expect(stdout).toMatch(/^embeddings +81\.9 k +9 %\nblocks +793 k +91 %\nhead +256 +0 %\ntotal +875 k$/m)
    expect(stdout).toMatch(/^weights +3\.5 MB\noptimizer +7 MB\nactivations, when memory is fullest +[\d.]+ MB$/m)
    expect(stdout).toMatch(/^tokens +2\.05 k +2\.05 M\ncomputed +11\.5 GFLOP +11\.5 TFLOP$/m)
    expect(stdout).toMatch(/^time +\S+ +\S+$/m)
    expect(stdout).toMatch(/^Measured: [\d.]+ k tokens\/s, \d+ % of the peak of f32 \([\d.]+ .FLOP\/s\)\.$/m)
    expect(readdirSync(empty)).toEqual([])
  })

  it('derives a run from the depth, and says so', async () => {
    const { stdout } = await alippe('train', '--depth', '2', '--lr', '1e-3', '--dry-run', '--no-measure')
    expect(stdout).toMatch(/^derived +batch 32, accumulate 2, steps 1622$/m)
    expect(stdout).toMatch(/^step +32 × 128 tokens, 2 times over, adamw, cosine$/m)
    expect(stdout).toMatch(/^No step was measured: not asked for\.$/m)
  })

  it('prints one JSON document', async () => {
    const { stdout } = await alippe(
      'train',
      '--model',
      'gpt2-124m',
      '--precision',
      'auto',
      '--dry-run',
      '--no-measure',
      '--json',
    )
    const report = JSON.parse(stdout)
    expect(report.model.parameters).toEqual({ embeddings: 39383808, blocks: 85054464, head: 1536, total: 124439808 })
    expect(Object.keys(report)).toEqual([
      'model',
      'settings',
      'derived',
      'engine',
      'memory',
      'recomputed',
      'step',
      'run',
      'measured',
      'notMeasured',
    ])
    expect(report.memory.weights).toBe(4 * 124439808)
    expect(['f32', 'bf16']).toContain(report.settings.precision)
    expect(report.engine.precision).toMatch(/^(f32|bf16), the faster of: f32 \d+ GFLOP\/s, bf16/)
    expect(report).toMatchObject({ measured: null, notMeasured: 'not asked for', run: { steps: 1000 } })
  })
})

describe('alippe start', () => {
  it('trains what a recipe says, answers, and goes on where it ended', { timeout: 60_000 }, async () => {
    const first = await readFile(join(import.meta.dirname, '..', 'recipes', 'first.toml'), 'utf8')
    const small = first
      .replace(/^documents = .*/m, 'documents = 1500')
      .replace(/^vocabulary = .*/m, 'vocabulary = 400')
      .replace(/^width = .*/m, 'width = 32')
      .replace(/^depth = .*/m, 'depth = 1')
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
    expect(stderr).toMatch(/wrong.toml: corpus.world must be a whole number from 0 on, got "one"/)
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
