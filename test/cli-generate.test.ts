import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referenceBackend } from '../src/backend/reference/index.ts'
import { compile, createState } from '../src/compiler/index.ts'
import { llama } from '../src/models/index.ts'
import { initialUpdates } from '../src/nn/index.ts'
import { trainBpe } from '../src/tokenizers/index.ts'
import { writeModelFolder } from './model-folder.ts'
import { runAlippe } from './run-alippe.ts'

// `alippe generate` on a model of random weights.

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  const tokenizer = trainBpe('The cat sat on the mat, and the dog ate the bone. '.repeat(50), { vocabSize: 280 })
  const model = llama({ vocabSize: tokenizer.vocabSize, context: 64, width: 16, layers: 1, heads: 2 })
  const backend = referenceBackend()
  const state = createState(backend)
  await compile({ outputs: {}, updates: initialUpdates(model.weights, 1) }, { backend, state }).run()
  await writeModelFolder(join(folder, 'model'), model, state, tokenizer)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const generate = async (...words: string[]) => {
  const { stdout, stderr, code } = await runAlippe(folder, 'generate', 'model', 'The cat', ...words)
  expect([code, stderr]).toEqual([0, ''])
  return words.includes('--json') ? JSON.parse(stdout) : stdout
}

describe('alippe generate', () => {
  it('tells texts, log-probabilities and speeds as one document', async () => {
    const drawn = await generate('--tokens', '6', '--n', '3', '--logprobs', '2', '--json')
    expect(drawn).toMatchObject({ prompt: 'The cat', text: drawn.choices[0].text, tokens: 18 })
    for (const figure of ['milliseconds', 'tokensPerSecond', 'promptTokensPerSecond', 'firstTokenMs'])
      expect(drawn[figure]).toBeGreaterThan(0)
    expect(drawn.choices.length).toBe(3)
    for (const { text, tokens, finishReason, logprobs } of drawn.choices) {
      expect([tokens, finishReason, logprobs.length]).toEqual([6, 'length', 6])
      expect(logprobs[0]).toMatchObject({ token: expect.any(String), logprob: expect.any(Number) })
      expect(logprobs[0].top.length).toBe(2)
      if (!text.includes('\ufffd')) expect(logprobs.map(({ token }: { token: string }) => token).join('')).toBe(text)
    }
    // The first of several is the one alone.
    expect((await generate('--tokens', '6', '--json')).text).toBe(drawn.text)
  })

  it('takes every way of drawing, and a cache in other dtypes', async () => {
    const all =
      '--top-k 20 --top-p 0.9 --min-p 0.01 --typical 0.9 --repeat-penalty 1.2 --presence-penalty 0.1 --frequency-penalty 0.1 --dry 0.8'
    const one = await generate(...`--tokens 9 --cache int8 --json ${all}`.split(' '))
    expect(one.tokens).toBe(9)
    expect((await generate('--tokens', '4', '--mirostat', '5', '--json')).tokens).toBe(4)
    expect((await generate('--tokens', '4', '--logit-bias', '32=100', '--json')).text).toBe('AAAA')
  })

  it('ends before a stop string, and shows a text as it comes', async () => {
    const bias = ['--temperature', '0', '--logit-bias', '32=1000']
    expect(await generate('--tokens', '5', ...bias)).toBe('The catAAAAA\n')
    expect(await generate('--tokens', '5', ...bias, '--stop', 'x', '--stop', 'AAA')).toBe('The cat\n')
    const stopped = await generate('--tokens', '5', ...bias, '--stop', 'AAA', '--json')
    expect(stopped.choices[0]).toMatchObject({ text: '', finishReason: 'stop' })
  })

  it('looks for likely texts with beams', async () => {
    const { choices } = await generate('--tokens', '5', '--beams', '4', '--n', '2', '--json')
    expect(choices.length).toBe(2)
    expect(choices[0].score).toBeGreaterThanOrEqual(choices[1].score)
  })

  it('says where the model reads no further, and what cannot be', async () => {
    const { stderr, code } = await runAlippe(folder, 'generate', 'model', 'The cat', '--tokens', '100')
    expect([code, stderr]).toEqual([0, 'The text ended where it filled the 64 tokens that the model reads.\n'])
    const wrong = await runAlippe(folder, 'generate', 'model', 'The cat', '--logit-bias', 'x=1')
    expect(wrong.stderr).toContain('--logit-bias must be a token id and a number')
    const cut = await runAlippe(folder, 'generate', 'model', 'The cat', '--mirostat', '5', '--top-k', '3')
    expect(cut.stderr).toContain('mirostat makes the cut; leave out topK')
  })
})
