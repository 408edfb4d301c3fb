import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { exact, f32, type ParityCase, result, values } from './case.ts'
import { judge } from './judge.ts'
import { prepare, run } from './run.ts'

// The harness itself: it must see what a wrong kernel does.

const slice: ParityCase = {
  name: 'slice for the harness',
  kernel: 'slice',
  inputs: [f32([20], values(1, 2, 3, 4, 5))],
  outputs: [result([17])],
  attributes: [0, 1],
  bound: exact,
}

/** The reference, but after a run one byte of a segment (0 inputs, 1 outputs) is turned over. */
function spoiling(segment: number, offset: number): Backend {
  const backend = referenceBackend()
  return {
    ...backend,
    load(calls, segments) {
      const executable = backend.load(calls, segments)
      return {
        ...executable,
        async run() {
          await executable.run()
          const byte = await segments[segment].read(offset, 1)
          segments[segment].write(
            offset,
            byte.map((value) => value ^ 0xff),
          )
        },
      }
    },
  }
}

/** A backend that does nothing. */
function idle(): Backend {
  return { ...referenceBackend(), load: () => ({ run: async () => {}, release() {} }) }
}

const worst = async (backend: Backend) => {
  const prepared = prepare(slice)
  return Math.max(...judge(prepared, await run(prepared, backend)).map(({ ratio }) => ratio))
}

describe('the parity harness', () => {
  it('accepts the reference', async () => {
    expect(await worst(referenceBackend())).toBe(0)
  })

  it('sees a changed input, and writes before and after the output', async () => {
    const start = 64 // a guard comes first
    for (const [segment, offset] of [
      [0, start],
      [0, start - 1],
      [1, start - 1],
      [1, start + 4 * 17],
    ]) {
      await expect(run(prepare(slice), spoiling(segment, offset))).rejects.toThrow(/wrote outside/)
    }
  })

  it('sees one wrong byte, and an output that nobody wrote', async () => {
    expect(await worst(spoiling(1, 64 + 4 * 16))).toBeGreaterThan(1)
    expect(await worst(idle())).toBe(Number.POSITIVE_INFINITY)
  })

  it('says where the worst element is, and how many fail', async () => {
    const prepared = prepare(slice)
    const [verdict] = judge(prepared, await run(prepared, spoiling(1, 64 + 4 * 16 + 3)))
    expect(verdict.message).toMatch(/slice for the harness, output 0 f32 \[17\].*at \[16\].*1 of 17 elements fail/)
  })
})
