import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runAlippe } from './run-alippe.ts'

// Models in and out, as a user meets them: train, export, look into, import, generate.

let folder: string
const alippe = (...words: string[]) => runAlippe(folder, ...words)
const quick =
  '--vocab 300 --depth 1 --width 64 --heads 2 --batch 2 --tokens 16 --steps 20 --evaluation-batches 1'.split(' ')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-models-'))
  await writeFile(join(folder, 'a.txt'), 'The cat sat on the mat. Мысық кілемде отыр. '.repeat(60))
  const { code, stderr } = await alippe('train', '--data', 'a.txt', '--out', 'run', ...quick)
  expect([code, stderr]).toEqual([0, expect.anything()])
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const text = async (model: string) => {
  const { code, stdout } = await alippe('generate', model, 'The cat', '-n', '8', '--temperature', '0', '--json')
  expect(code).toBe(0)
  return JSON.parse(stdout).text as string
}

describe('alippe export, import, inspect', () => {
  it('take a run to GGUF and back, and the text stays the same', async () => {
    expect((await alippe('export', 'run', '--to', 'gguf', '--type', 'f32')).stdout).toMatch(
      /^model\.gguf: [\d.]+ kB\n$/,
    )
    const { stdout } = await alippe('import', 'model.gguf', 'back', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ family: 'llama', folder: 'back', tokenizer: true, chatTemplate: false })
    const expected = await text('run')
    expect(await text('model.gguf')).toBe(expected)
    expect(await text('back')).toBe(expected)
    const [one, other] = await Promise.all([
      readFile(join(folder, 'run/checkpoints/000020/model.safetensors')),
      readFile(join(folder, 'back/model.safetensors')),
    ])
    expect(one.equals(other)).toBe(true)
  }, 30_000)

  it('write folders in shards', async () => {
    const { code } = await alippe(
      'export',
      'run',
      '--to',
      'huggingface',
      '-o',
      'hf',
      '--type',
      'bf16',
      '--shard-size',
      '50k',
    )
    expect(code).toBe(0)
    expect(existsSync(join(folder, 'hf/model.safetensors.index.json'))).toBe(true)
    const { stdout } = await alippe('inspect', 'hf', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'Hugging Face folder (llama)',
      facts: { layers: 1, dtypes: { bf16: expect.any(Number) } },
    })
  })

  it('say what a file is', async () => {
    await alippe('export', 'run', '--to', 'gguf', '--type', 'q8_0', '-o', 'small.gguf', '--name', 'small')
    const { stdout } = await alippe('inspect', 'small.gguf', '--tensors')
    expect(stdout).toMatch(/small\.gguf: GGUF \(llama, file type 7\)/)
    expect(stdout).toMatch(/bits a weight +8\.\d+/)
    expect(stdout).toMatch(/general\.name +small/)
    expect(stdout).toMatch(/blk\.0\.attn_q\.weight +Q8_0 +\[64, 64\] +4\.35 kB/)
    expect(JSON.parse((await alippe('inspect', 'hf/tokenizer.json', '--json')).stdout)).toMatchObject({
      kind: 'tokenizer',
      facts: { tokens: 297 },
    })
    const shard = JSON.parse(
      (await alippe('inspect', 'run/checkpoints/000020/optim.safetensors', '--json', '--tensors')).stdout,
    )
    expect(shard.tensors.length).toBeGreaterThan(0)
  }, 30_000)

  it('write llama2.c, and say why there is no tokenizer', async () => {
    const { stdout } = await alippe('export', 'run', '--to', 'llama2c')
    expect(stdout).toMatch(/model\.bin: .*\nno tokenizer\.bin beside it: tokenizer\.bin: only BPE of SentencePiece/)
    const { stdout: inspected } = await alippe('inspect', 'model.bin')
    expect(inspected).toContain('llama2.c checkpoint, version 0')
  })

  it.each([
    [['export', 'run', '--to', 'onnx'], 2, /Allowed choices are gguf, huggingface, llama2c/],
    [
      ['export', 'run', '--to', 'huggingface', '--type', 'q8_0'],
      3,
      /a Hugging Face folder holds f32, f16, bf16, got --type q8_0/,
    ],
    [['export', 'run', '--to', 'gguf', '--shard-size', '1M'], 3, /--shard-size goes with --to huggingface/],
    [['inspect', 'a.txt'], undefined, /a\.txt: no model that is known/],
    [['inspect', 'none'], undefined, /cannot read none: it does not exist/],
    [['import', 'hub:nobody', 'x'], 3, /hub:nobody names no model of the hub/],
    [['generate', 'model.bin', 'x'], 3, /there is no tokenizer/],
  ])('refuse in words: %j', async (words, expected, message) => {
    const { code, stderr } = await alippe(...words)
    if (expected === undefined) expect(code).toBeGreaterThan(0)
    else expect(code).toBe(expected)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})
