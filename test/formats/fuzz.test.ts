import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { AlippeError, random } from '../../src/base/index.ts'
import { compile, createState } from '../../src/compiler/index.ts'
import {
  llmcMagic,
  readGguf,
  readLlama2c,
  readLlama2cTokens,
  readLlmc,
  readSafetensorsHeader,
  readSafetensorsIndex,
  writeLlama2cTokens,
} from '../../src/formats/index.ts'
import { type LanguageModel, llama } from '../../src/models/index.ts'
import { exportGguf, exportLlama2c, openModelSource, savePublished } from '../../src/node/index.ts'
import { readLlama2cTokenizer } from '../../src/tokenizers/formats/index.ts'
import { bpe, writeTokenizerJson } from '../../src/tokenizers/index.ts'
import { initialization } from '../../src/train/index.ts'

// Every reader of foreign bytes, given files that were right before some bytes were changed, cut out or put in.

const folder = mkdtempSync(join(tmpdir(), 'alippe-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true }))
const model: LanguageModel = llama({ vocabSize: 257, context: 8, width: 32, layers: 1, heads: 2 })
const files: Record<string, Uint8Array> = {}

beforeAll(async () => {
  const backend = referenceBackend()
  const state = createState(backend)
  await compile(initialization(model, 1), { backend, state }).run()
  const path = join(folder, 'model')
  await savePublished(path, model, state)
  writeFileSync(join(path, 'tokenizer.json'), writeTokenizerJson(bpe({ merges: [], specials: ['<|endoftext|>'] })))
  const source = await openModelSource(path)
  await exportGguf(source, join(folder, 'model.gguf'), { type: 'q8_0' })
  await exportLlama2c(source, join(folder, 'model.bin'))
  source.close()
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
  files.gguf = read('model.gguf')
  files.safetensors = read('model/model.safetensors')
  files.llama2c = read('model.bin')
  files.config = read('model/config.json')
  files.index = new TextEncoder().encode(
    '{"metadata":{"total_size":8},"weight_map":{"a":"x.safetensors","b":"y.safetensors"}}',
  )
  files.tokens = writeLlama2cTokens(
    ['<unk>', '<s>', '</s>', ' ', 'a', ' a', 'b'].map((text, i) => ({
      bytes: new TextEncoder().encode(text),
      score: -i,
    })),
  )
  const header = new Int32Array(256 + 308)
  header.set([llmcMagic, 3, 8, 5, 1, 2, 4, 6])
  files.llmc = new Uint8Array(header.buffer)
})

/** Numbers that hurt, as bytes. */
const nasty = [
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0x80],
  [0, 0, 0, 0, 0, 0, 0, 0x10],
  [0, 0, 0xc0, 0x7f],
  [0, 0, 0, 0],
  [...Buffer.from('-1e999')],
  [...Buffer.from('"../x"')],
]

/** A damaged copy of a file; damage lies within its first `head` bytes. */
function damaged(bytes: Uint8Array, head: number, next: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(next() * limit)
  let copy = bytes.slice()
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(Math.min(head, copy.length))
    const kind = below(5)
    if (kind === 0) copy[at] = below(256)
    else if (kind === 1) copy.set(nasty[below(nasty.length)].slice(0, copy.length - at), at)
    else if (kind === 2) copy = copy.slice(0, at)
    else if (kind === 3) copy = new Uint8Array(Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + below(8))]))
    else
      copy = new Uint8Array(
        Buffer.concat([copy.subarray(0, at), copy.subarray(at - below(at + 1), at), copy.subarray(at)]),
      )
    if (copy.length === 0) break
  }
  return copy
}

const readers: readonly (readonly [name: string, file: string, read: (bytes: Uint8Array) => unknown])[] = [
  ['GGUF', 'gguf', (bytes) => readGguf(bytes)],
  ['safetensors', 'safetensors', (bytes) => readSafetensorsHeader(bytes)],
  [
    'an index of shards',
    'index',
    (bytes) => readSafetensorsIndex(new TextDecoder().decode(bytes as Uint8Array<ArrayBuffer>)),
  ],
  ['llama2.c', 'llama2c', (bytes) => readLlama2c(bytes, { fileBytes: bytes.length })],
  ['llm.c', 'llmc', (bytes) => readLlmc(bytes, { fileBytes: bytes.length })],
  ['tokenizer.bin', 'tokens', (bytes) => readLlama2cTokens(bytes)],
  ['the tokenizer of tokenizer.bin', 'tokens', (bytes) => readLlama2cTokenizer(bytes).encode('a ab')],
]

it.each(readers)(
  '%s: 4000 damaged files are read or refused in words, and soon',
  (_, file, read) => {
    const { next } = random(17)
    const before = process.memoryUsage().arrayBuffers
    let refused = 0
    for (let i = 0; i < 4000; i++) {
      const bytes = damaged(files[file], 6000, next)
      const started = performance.now()
      try {
        read(bytes)
      } catch (error) {
        if (!(error instanceof AlippeError)) throw error
        expect(error.message.length).toBeLessThan(1000)
        refused++
      }
      expect(performance.now() - started).toBeLessThan(1000)
    }
    expect(refused).toBeGreaterThan(500)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e8)
  },
  30_000,
)

it.each([
  ['GGUF', 'gguf', 'x.gguf'],
  ['config.json', 'config', 'model/config.json'],
  ['safetensors', 'safetensors', 'model/model.safetensors'],
  ['llama2.c', 'llama2c', 'x.bin'],
  ['llm.c', 'llmc', 'y.bin'],
])(
  '%s as a model: 2000 damaged files are opened or refused in words, and soon',
  async (_, file, name) => {
    const { next } = random(23)
    const path = join(folder, name)
    let refused = 0
    for (let i = 0; i < 2000; i++) {
      writeFileSync(path, damaged(files[file], 6000, next))
      const started = performance.now()
      try {
        const source = await openModelSource(name.startsWith('model/') ? join(folder, 'model') : path)
        for (const weight of Object.keys(source.model.weights)) source.bytes(weight)
        source.close()
      } catch (error) {
        if (!(error instanceof AlippeError)) throw error
        refused++
      }
      expect(performance.now() - started).toBeLessThan(1000)
    }
    expect(refused).toBeGreaterThan(200)
    if (name.startsWith('model/')) writeFileSync(path, files[file])
  },
  60_000,
)
