import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openLlamaCpp, whyNoLlamaCpp } from '../../bench/peers/llama-cpp.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { compile, createState, type State } from '../../src/compiler/index.ts'
import { pieceTypes, sentencePieceModels } from '../../src/formats/index.ts'
import { generator } from '../../src/infer/index.ts'
import { type LanguageModel, llama, logits } from '../../src/models/index.ts'
import { matrix, stateWeights } from '../../src/nn/index.ts'
import {
  exportGguf,
  type GgufFileType,
  ggufFileTypes,
  loadPlainWeights,
  openModelSource,
  savePublished,
} from '../../src/node/index.ts'
import { input } from '../../src/tensor/index.ts'
import { sentencePieceParts } from '../../src/tokenizers/formats/index.ts'
import {
  type PatternName,
  patternNames,
  readTokenizerJson,
  type Tokenizer,
  tokenizer,
  trainBpe,
  writeTokenizerJson,
} from '../../src/tokenizers/index.ts'
import { initialization } from '../../src/train/index.ts'
import { against } from '../tokenizers/oracles.ts'
import { publishedModels } from './published-models.ts'

const folder = mkdtempSync(join(tmpdir(), 'alippe-llama-cpp-'))
afterAll(() => rmSync(folder, { recursive: true }))
const backend = referenceBackend()

const corpus =
  "The cat sat on the mat, and it's been 1234 years; DON'T ask. \n\n\tif (x == 42) { return 'yes' }\r\n" +
  'Мысық кілемде отыр, ал 2026 жылы не болды? Ол «жоқ» деді… 你好世界 👩‍👩‍👧 naïve  café\n'
const texts = [
  'The cat sat',
  corpus,
  "  two  spaces, 12345678 numbers and I'LL won't\n\n\n  new lines   \t tabs\r\n",
  'Қазақша сөз, 3.14159; ħħ 🙂🙂 x²+y² = ½ …',
  '',
]

interface Answer {
  readonly ids: number[][]
  readonly following: number[]
}

async function llamaCpp(path: string, prompts: readonly string[] = texts): Promise<Answer> {
  const peer = await openLlamaCpp(path, { threads: 1 })
  if ('why' in peer) throw new Error(peer.why)
  try {
    const ids: number[][] = []
    for (const prompt of prompts) ids.push(await peer.tokenize(prompt))
    return { ids, following: await peer.greedy(ids[0], 24) }
  } finally {
    await peer.close()
  }
}

/** First values so large that the likeliest token is far from the others. */
function lively(model: LanguageModel): LanguageModel {
  const weights = Object.fromEntries(
    Object.entries(model.weights).map(([name, spec]) => [
      name,
      spec.shape.length === 2 ? { ...spec, initial: matrix(spec.shape, 0.3).initial } : spec,
    ]),
  )
  return { ...model, weights }
}

async function published(title: string, model: LanguageModel, pieces: PatternName): Promise<string> {
  const path = join(folder, title)
  const tokenizer = await trainBpe(corpus.repeat(3), { vocabSize: 384, specials: ['<|endoftext|>'], pieces })
  const state = createState(backend)
  await compile(initialization(lively(model), 5), { backend, state }).run()
  await savePublished(path, model, state)
  writeFileSync(join(path, 'tokenizer.json'), writeTokenizerJson(tokenizer))
  return path
}

const models = publishedModels({ vocabSize: 400, context: 64, width: 64, layers: 2 })

/** Ways of cutting text that llama.cpp does not have. */
const unknown: readonly PatternName[] = ['cl100k-whole-tail', 'qwen3.5']

it.each(unknown)('pieces as in %s are refused, because llama.cpp would cut otherwise', async (pieces) => {
  const source = await openModelSource(await published(`refused-${pieces}`, models.gpt2, pieces))
  await expect(exportGguf(source, join(folder, 'refused.gguf'))).rejects.toThrow(/llama.cpp has no known name/)
  source.close()
})

against('llama.cpp reads what is exported', await whyNoLlamaCpp(), () => {
  it.each(Object.keys(models))('%s: the same ids, the same text that follows', async (title) => {
    const path = await published(title, models[title], 'gpt2')
    const source = await openModelSource(path)
    const file = join(folder, `${title}.gguf`)
    await exportGguf(source, file, { type: 'f32' })
    const answer = await llamaCpp(file)
    const tokenizer = readTokenizerJson(source.tokenizerText!)
    expect(answer.ids).toEqual(texts.map((text) => [...tokenizer.encode(text)]))
    const state = createState(backend)
    await loadPlainWeights(source, state)
    const ours: number[] = []
    const options = { maxTokens: 24, temperature: 0, topK: 0, topP: 1, seed: 1, stop: [], vocabSize: 400 }
    for await (const id of generator(source.model, state).generate(tokenizer.encode(texts[0]), options)) ours.push(id)
    expect(answer.following).toEqual(ours)
    source.close()
  }, 60_000)

  it.each(patternNames.filter((name) => !unknown.includes(name)))('pieces as in %s: the same ids', async (pieces) => {
    const title = `pieces-${pieces}`
    const path = await published(title, models.gpt2, pieces)
    const source = await openModelSource(path)
    const file = join(folder, `${title}.gguf`)
    await exportGguf(source, file)
    const tokenizer = readTokenizerJson(source.tokenizerText!)
    expect((await llamaCpp(file)).ids).toEqual(texts.map((text) => [...tokenizer.encode(text)]))
    source.close()
  }, 60_000)

  it('the BPE of SentencePiece: the same ids', async () => {
    const path = await published('sentencepiece', models.llama, 'gpt2')
    writeFileSync(join(path, 'tokenizer.json'), writeTokenizerJson(sentencePieceLike()))
    const source = await openModelSource(path)
    const file = join(folder, 'sentencepiece.gguf')
    await exportGguf(source, file)
    const tokenizer = readTokenizerJson(source.tokenizerText!)
    expect((await llamaCpp(file)).ids).toEqual(texts.map((text) => [...tokenizer.encode(text)]))
    const read = await openModelSource(file)
    const again = readTokenizerJson(read.tokenizerText!)
    for (const text of texts) expect([...again.encode(text)]).toEqual([...tokenizer.encode(text)])
    read.close()
    source.close()
  }, 60_000)

  const types = Object.keys(ggufFileTypes) as GgufFileType[]
  it.each(types)('%s: the token that follows, where it is plain which', async (type) => {
    const wide = llama({ vocabSize: 400, context: 64, width: 256, layers: 1, heads: 4, hidden: 256 })
    const path = await published('wide', wide, 'gpt2')
    const source = await openModelSource(path)
    const file = join(folder, `wide-${type}.gguf`)
    await exportGguf(source, file, { type })
    source.close()
    // What the file holds, in f32: llama.cpp rounds activations to 8 bits beside packed weights, so numbers differ a little.
    const read = await openModelSource(file)
    const state = createState(backend)
    await loadPlainWeights(read, state)
    const tokenizer = readTokenizerJson(read.tokenizerText!)
    let [plainest, text, best] = [0, '', -1]
    for (let at = 0; at < 96; at += 4) {
      const prompt = corpus.slice(at, at + 9)
      const scores = await lastLogits(read.model, state, tokenizer.encode(prompt))
      const [first, second] = [...scores.keys()].sort((a, b) => scores[b] - scores[a])
      const margin = scores[first] - scores[second]
      if (margin > plainest) [plainest, text, best] = [margin, prompt, first]
    }
    expect(plainest).toBeGreaterThan(1)
    expect((await llamaCpp(file, [text])).following[0]).toBe(best)
    read.close()
  }, 60_000)
})

async function lastLogits(model: LanguageModel, state: State, ids: ArrayLike<number>): Promise<Float32Array> {
  const tokens = ids.length
  const scores = logits(model, stateWeights(model.weights), input('ids', [1, tokens], 'i32'))
  const program = compile({ outputs: { scores } }, { backend, state })
  const { scores: all } = await program.run({ ids: Int32Array.from(ids) })
  program.release()
  return (all as Float32Array).subarray((tokens - 1) * model.vocabSize)
}

/** As Llama 2's: bytes for what is unknown, spaces as U+2581. */
function sentencePieceLike(): Tokenizer {
  const words = [
    '▁t',
    'he',
    '▁the',
    '▁c',
    'at',
    '▁cat',
    '▁s',
    '▁sat',
    'ық',
    'сө',
    'сөз',
    '▁сөз',
    '▁▁',
    'll',
    '12',
    '34',
    '1234',
  ]
  const characters = [...new Set(['▁', ...words.join(''), ...'Тhecatson.,0123456789абвгдежзіқмныөр'])]
  const bytePieces = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`)
  return tokenizer(
    sentencePieceParts({
      pieces: [
        { piece: '<unk>', type: pieceTypes.unknown },
        { piece: '<s>', type: pieceTypes.control },
        { piece: '</s>', type: pieceTypes.control },
        ...bytePieces.map((piece) => ({ piece, type: pieceTypes.byte })),
        ...words.map((piece, i) => ({ piece, score: -1 - i })),
        ...characters.map((piece, i) => ({ piece, score: -100 - i })),
      ],
      trainer: { modelType: sentencePieceModels.bpe, byteFallback: true },
      normalizer: { removeExtraWhitespaces: false },
    }),
  )
}
