import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openModelSource } from '../../src/node/index.ts'
import { runAlippe } from '../run-alippe.ts'

const folder = mkdtempSync(join(tmpdir(), 'alippe-quantize-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(async () => {
  writeFileSync(join(folder, 'text.txt'), 'The cat sat on the mat. Мысық кілемде отыр. '.repeat(60))
  const words = '--vocab 300 --depth 1 --width 64 --heads 2 --batch 2 --tokens 16 --steps 20 --evaluation-batches 1'
  const { code, stderr } = await runAlippe(folder, 'train', '--data', 'text.txt', '--out', 'run', ...words.split(' '))
  expect([code, stderr]).toEqual([0, expect.anything()])
}, 300_000)

const quantize = (...words: string[]) =>
  runAlippe(folder, 'quantize', 'run', '--data', 'text.txt', '--samples', '4', '--held-out', '128', ...words)

describe('alippe quantize', () => {
  it.each([
    ['q4_0', 'gptq', 'model.gguf'],
    ['nf4', 'awq', 'packed'],
    ['int8', 'smoothquant', 'smooth'],
  ])('%s by %s: writes what opens again, and reports', async (type, method, out) => {
    const { code, stdout } = await quantize('--type', type, '--method', method, '--out', out, '--json')
    expect(code).toBe(0)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ out, type, method, quality: { agreement: expect.any(Number) } })
    expect(report.quality.divergenceNats).toBeLessThan(0.1)
    const source = await openModelSource(join(folder, out))
    const hidden = 'model.layers.0.self_attn.q_proj.weight'
    expect(source.stored[hidden]).toEqual({ dtype: type })
    expect(source.tokenizerText === undefined).toBe(false)
    source.close()
  })

  it('prints sizes, costs and layers', async () => {
    const { code, stdout } = await quantize('--type', 'q8_0')
    expect(code).toBe(0)
    expect(stdout).toMatch(/perplexity +[\d.]+ → [\d.]+ \([+-][\d.]+ %\)/)
    expect(stdout).toMatch(/self_attn\.o_proj\.weight +q8_0/)
  })

  it.each([
    [['--type', 'int8', '--out', 'x.gguf'], /GGUF has no int8/],
    [['--compare', '--out', 'x'], /writes nothing/],
    [['--type', 'q3'], /Allowed choices/],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await quantize(...words)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(message)
    expect(() => statSync(join(folder, 'x.gguf'))).toThrow()
  })
})
