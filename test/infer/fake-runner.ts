import { philox } from '../../src/base/index.ts'
import type { Answers, StepRunner } from '../../src/infer/runner.ts'
import type { Step } from '../../src/infer/scheduler.ts'
import { PAGE } from '../../src/tensor/index.ts'

export const FAKE_VOCAB = 17
/** Features of a token. */
const FAKE_WIDTH = 2

/**
 * Stands for a model over a cache: a token leaves its id in its slot, and the logits after a token are a function of all ids
 * that lie in the text's pages up to it. So whatever goes wrong with pages, copies or positions turns into other tokens, and a text
 * that reads a slot that is not its own fails at once.
 */
export function fakeRunner(pages: number, delay?: () => Promise<void>): StepRunner & { steps: number; rows: number } {
  const slots = new Int32Array(pages * PAGE).fill(-1)
  const words = new Uint32Array(4)
  const logitsAfter = (hash: number, row: Float32Array) => {
    for (let id = 0; id < row.length; id++) {
      philox(hash, 0, id, 0, 0, 0, words)
      row[id] = (words[0] / 2 ** 32) * 6
    }
  }
  const fake = {
    steps: 0,
    rows: 0,
    async run({ texts, starts, counts, answered, copies, rows }: Step): Promise<Answers> {
      fake.steps++
      fake.rows += rows
      const held = texts.map((text) => [...text.pages])
      // Copies happen in no order: no page may be written twice, nor be read and written.
      if (new Set([...copies.to, ...copies.from]).size < copies.to.length + new Set(copies.from).size)
        throw new Error(`pages ${copies.from} cannot be copied to ${copies.to} at once`)
      for (const [i, from] of copies.from.entries())
        slots.copyWithin(copies.to[i] * PAGE, from * PAGE, (from + 1) * PAGE)
      const written = new Set<number>()
      for (const [i, text] of texts.entries()) {
        for (let position = starts[i]; position < starts[i] + counts[i]; position++) {
          const slot = held[i][Math.floor(position / PAGE)] * PAGE + (position % PAGE)
          if (!(slot >= 0) || written.has(slot)) throw new Error(`slot ${slot} is written twice, or is none`)
          written.add(slot)
          slots[slot] = text.ids[position]
        }
      }
      const total = (kind: boolean) =>
        texts.reduce((sum, text, i) => sum + ((text.wanted === 'features') === kind ? answered[i] : 0), 0)
      const logits = new Float32Array(total(false) * FAKE_VOCAB)
      const features = new Float32Array(total(true) * FAKE_WIDTH)
      let [logitsRow, featuresRow] = [0, 0]
      for (const [i, text] of texts.entries()) {
        const end = starts[i] + counts[i]
        let hash = 7
        for (let position = 0; position < end; position++) {
          const id = slots[held[i][Math.floor(position / PAGE)] * PAGE + (position % PAGE)]
          if (id !== text.ids[position])
            throw new Error(`position ${position} holds ${id}, but the text has ${text.ids[position]} there`)
          hash = (Math.imul(hash, 31) + id + 1) >>> 0
          if (position < end - answered[i]) continue
          if (text.wanted === 'features') features.set([id, 1], FAKE_WIDTH * featuresRow++)
          else logitsAfter(hash, logits.subarray(logitsRow * FAKE_VOCAB, ++logitsRow * FAKE_VOCAB))
        }
      }
      await delay?.()
      return { logits, features, width: FAKE_WIDTH }
    },
    release() {},
  }
  return fake
}
