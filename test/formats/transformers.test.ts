import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openPython } from '../../bench/peers/python.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { compile, createState } from '../../src/compiler/index.ts'
import { logits } from '../../src/models/index.ts'
import { stateWeights } from '../../src/nn/index.ts'
import { exportFolder, openModelSource, savePublished } from '../../src/node/index.ts'
import { input } from '../../src/tensor/index.ts'
import { trainBpe, writeTokenizerJson } from '../../src/tokenizers/index.ts'
import { initialization } from '../../src/train/index.ts'
import { against } from '../tokenizers/oracles.ts'
import { publishedModels } from './published-models.ts'

const folder = mkdtempSync(join(tmpdir(), 'alippe-transformers-'))
const python = await openPython('transformers_folder.py', 2)
const peer = 'why' in python ? undefined : python
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await peer?.close()
})

interface Answer {
  readonly config: Readonly<Record<string, unknown>>
  readonly ids: number[][]
  readonly end: number
  readonly template: string | null
  readonly logits: number[] | null
}

const corpus = "The cat sat on the mat, it's 1234. Мысық кілемде отыр, ал 2026 жылы не болды? 你好\n"
const texts = ['The cat sat', corpus, '  two  spaces', '<|endoftext|>a', '']
const models = publishedModels({ vocabSize: 400, context: 32, width: 64, layers: 2 })

against('transformers reads what is exported', 'why' in python ? python.why : undefined, () => {
  it.each(Object.keys(models))('%s, in shards', async (title) => {
    const model = models[title]
    const backend = referenceBackend()
    const state = createState(backend)
    await compile(initialization(model, 4), { backend, state }).run()
    const from = join(folder, `${title}-first`)
    await savePublished(from, model, state)
    const tokenizer = await trainBpe(corpus.repeat(3), { vocabSize: 384, specials: ['<|endoftext|>'] })
    writeFileSync(join(from, 'tokenizer.json'), writeTokenizerJson(tokenizer))
    writeFileSync(join(from, 'chat_template.jinja'), '{{ messages[0].content }}')
    const source = await openModelSource(from)
    const to = join(folder, title)
    await exportFolder(source, to, { shardBytes: 60_000 })
    source.close()

    const ids = Int32Array.from({ length: 16 }, (_, i) => (37 * i + 5) % 400)
    const answer = await peer!.request<Answer>({ folder: to, texts, ids: [...ids] })
    expect(answer.ids).toEqual(texts.map((text) => [...tokenizer.encode(text, { allowSpecials: true })]))
    expect(answer.end).toBe(tokenizer.idOf('<|endoftext|>'))
    expect(answer.template).toBe('{{ messages[0].content }}')
    const { rope_theta, rope_scaling, ...settings } = model.config
    expect(answer.config).toMatchObject(settings)
    if (rope_theta !== undefined) {
      const { rope_parameters } = answer.config as { rope_parameters?: { rope_theta: number } }
      expect(rope_parameters?.rope_theta ?? answer.config.rope_theta).toBe(rope_theta)
      expect(rope_parameters ?? answer.config.rope_scaling).toMatchObject(rope_scaling ?? {})
    }
    if (answer.logits === null) return
    const scores = logits(model, stateWeights(model.weights), input('ids', [1, 16], 'i32'))
    const program = compile({ outputs: { scores } }, { backend, state })
    const ours = (await program.run({ ids })).scores as Float32Array
    // f32 on both sides: sums of at most 256 products, in two layers of five products each.
    const largest = ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const bound = 2 * 5 * 256 * 2 ** -24 * largest
    const error = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - answer.logits![i])), 0)
    expect(error).toBeLessThan(bound)
  }, 60_000)

  const why = peer?.version.includes('torch')
    ? undefined
    : `PyTorch is not there beside ${peer?.version}: logits are not compared`
  if (why !== undefined) it.skip(`logits: ${why}`)
})
