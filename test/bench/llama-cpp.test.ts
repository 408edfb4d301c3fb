import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LlamaCpp, type LlamaCppOptions, openLlamaCpp, whyNoLlamaCpp } from '../../bench/peers/llama-cpp.ts'
import { llamaCppSpeeds } from '../../bench/peers/llama-cpp-speeds.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { random } from '../../src/base/index.ts'
import { compile, createState } from '../../src/compiler/index.ts'
import { gpt2, type LanguageModel, llama, logits } from '../../src/models/index.ts'
import { stateWeights } from '../../src/nn/index.ts'
import { input } from '../../src/tensor/index.ts'
import { against } from '../tokenizers/oracles.ts'
import { tinyGguf, tinyVocabSize } from './tiny-gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'alippe-llama-cpp-'))
afterAll(() => rmSync(folder, { recursive: true }))

const size = { vocabSize: tinyVocabSize, context: 64, width: 64, layers: 2, heads: 4 }
const ids = Array.from({ length: 20 }, (_, i) => (37 * i + 5) % 256)

/** Weights large enough for every part to matter. */
function someWeights(model: LanguageModel): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(model.weights).map(([name, { shape }], i) => {
      const from = random(4, i)
      const length = shape.reduce((product, axis) => product * axis, 1)
      const isGain = shape.length === 1 && name.endsWith('weight')
      return [name, Float32Array.from({ length }, () => (isGain ? 1 : 0) + (from.next() - 0.5) / 2)]
    }),
  )
}

/** `[T, V]` */
async function ourLogits(
  model: LanguageModel,
  weights: Record<string, Float32Array>,
  tokens: readonly number[],
): Promise<Float32Array> {
  const backend = referenceBackend()
  const state = createState(backend)
  const computation = {
    outputs: { logits: logits(model, stateWeights(model.weights), input('ids', [1, tokens.length], 'i32')) },
  }
  const program = compile(computation, { backend, state })
  for (const name of Object.keys(model.weights)) await state.write(name, weights[name])
  const outputs = await program.run({ ids: Int32Array.from(tokens) })
  return outputs.logits as Float32Array
}

async function opened(name: string, bytes: Uint8Array, options: Partial<LlamaCppOptions> = {}): Promise<LlamaCpp> {
  const path = join(folder, `${name}.gguf`)
  writeFileSync(path, bytes)
  const peer = await openLlamaCpp(path, { threads: 1, context: 64, ...options })
  if ('why' in peer) throw new Error(peer.why)
  return peer
}

const deviationOf = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

/**
 * How far apart logits may lie, as a share of their deviation. Ours are exact beside theirs. Products: 2⁻²⁴ times the square
 * root of how many numbers are summed (4·C) and of how many products follow each other (4·L + 1). ggml reads GELU from a table
 * of f16, which rounds what goes in and what comes out to 2⁻¹¹ once a layer. Of n numbers the furthest is √(2·ln n) out.
 */
function bound(family: string): number {
  const products = 2 ** -24 * Math.sqrt(4 * size.width) * Math.sqrt(4 * size.layers + 1)
  const table = family === 'gpt2' ? 2 ** -11 * Math.sqrt(2 * size.layers) : 0
  return (products + table) * Math.sqrt(2 * Math.log(ids.length * size.vocabSize))
}

against('llama.cpp as a peer', await whyNoLlamaCpp(), () => {
  const models = { gpt2: gpt2(size), llama: llama({ ...size, keyValueHeads: 2, hidden: 96, ropeTheta: 5000 }) }

  describe.each(Object.entries(models))('%s', (family, model) => {
    const weights = someWeights(model)
    let peer: LlamaCpp
    beforeAll(async () => {
      peer = await opened(family, tinyGguf(model, weights), { streams: 4, exact: true })
    })
    afterAll(() => peer.close())

    it('tells what it has read', () => {
      expect(peer.version).toMatch(/^v\d/)
      const parameters = Object.values(weights).reduce((sum, { length }) => sum + length, 0)
      expect(peer.model).toMatchObject({ parameters, vocabSize: 258, trainedContext: 64, beginId: 256, endId: 256 })
      expect(peer.model.description).toContain(family)
    })

    it('gives our logits', async () => {
      const ours = await ourLogits(model, weights, ids)
      const theirs = await peer.logits(ids)
      expect(theirs.length).toBe(ours.length)
      const worst = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i])), 0)
      expect(worst / deviationOf(ours)).toBeLessThan(bound(family))
    })

    it('goes on with the likeliest ids', async () => {
      const chosen = await peer.greedy(ids, 8)
      const ours = await ourLogits(model, weights, [...ids, ...chosen])
      const likeliest = chosen.map((_, i) => {
        const row = ours.subarray((ids.length - 1 + i) * size.vocabSize, (ids.length + i) * size.vocabSize)
        return row.indexOf(Math.max(...row))
      })
      expect(chosen).toEqual(likeliest)
      expect(await peer.greedy(ids, 8)).toEqual(chosen)
    })

    it('makes ids of text and text of ids', async () => {
      expect(await peer.tokenize('the Aé<|endoftext|>')).toEqual([257, 101, 32, 65, 195, 169, 256])
      expect(await peer.detokenize([257, 101, 32, 65, 195, 169])).toBe('the Aé')
    })

    it('says how long prefill and decoding take', async () => {
      expect(await peer.prefill(48)).toBeGreaterThan(0)
      for (const streams of [1, 2, 4]) {
        const seconds = await peer.decode(streams, 20)
        expect(seconds).toBeGreaterThan(0)
        expect(seconds).toBeLessThan(10)
      }
    })

    it('refuses what it has no room for, and goes on', async () => {
      await expect(peer.greedy([258], 1)).rejects.toThrow('id 258 is not below 258')
      await expect(peer.prefill(65)).rejects.toThrow('position 64 of stream 0')
      await expect(peer.decode(5, 1)).rejects.toThrow('stream 4')
      expect(await peer.greedy(ids, 1)).toHaveLength(1)
    })
  })

  it('reads what packRows makes', async () => {
    const weights = someWeights(models.llama)
    const peer = await opened('q8_0', tinyGguf(models.llama, weights, 'q8_0'))
    const ours = await ourLogits(models.llama, weights, ids)
    const theirs = await peer.logits(ids)
    await peer.close()
    const off = deviationOf(theirs.map((value, i) => value - ours[i])) / deviationOf(ours)
    // Weights and activations are rounded to 2⁻⁸ of a block's greatest, in a few products: far from nothing, far from all.
    expect(off).toBeGreaterThan(2 ** -12)
    expect(off).toBeLessThan(2 ** -4)
  })

  it('has speeds', async () => {
    const path = join(folder, 'speeds.gguf')
    writeFileSync(path, tinyGguf(models.llama, someWeights(models.llama), 'q8_0'))
    const speeds = await llamaCppSpeeds(path, { threads: 2, prefill: 32, streams: [1, 2], steps: 8, runs: 2 })
    if ('why' in speeds) throw new Error(speeds.why)
    expect([...speeds.decode.keys()]).toEqual([1, 2])
    for (const speed of [speeds.prefill, ...speeds.decode.values()]) {
      expect(speed).toBeGreaterThan(1)
      expect(speed).toBeLessThan(1e7)
    }
  })

  it('says why a file does not load', async () => {
    await expect(openLlamaCpp(join(folder, 'absent.gguf'), { threads: 1 })).rejects.toThrow(
      /absent.gguf does not load: ./,
    )
    writeFileSync(join(folder, 'cut.gguf'), tinyGguf(models.gpt2, someWeights(models.gpt2)).subarray(0, 9000))
    await expect(openLlamaCpp(join(folder, 'cut.gguf'), { threads: 1 })).rejects.toThrow(/cut.gguf does not load: ./)
  })
})
