import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { kernels, referenceBackend } from '../../src/backend/reference/index.ts'
import { type BackendOptions, openBackend } from '../../src/node/backend.ts'
import { cases } from './cases.ts'
import { judge } from './judge.ts'
import { firstDifference, type PreparedCase, prepare, run } from './run.ts'
import { spoiltOutputs } from './spoil.ts'

// Every case on every engine. One engine, one kernel: vitest run test/parity -t 'native avx2.*softmax'

interface Engine {
  readonly title: string
  /** Opened once for each number of threads; results must be the same bits. */
  readonly threads: readonly number[]
  readonly options: BackendOptions
  /** Fails where it cannot be had; others are skipped there, loudly. */
  readonly required?: boolean
}

const engines: readonly Engine[] = [
  { title: 'native', threads: [1, 2], options: { backend: 'native' } },
  { title: 'native avx512', threads: [1, 2], options: { backend: 'native', isa: 'avx512' } },
  { title: 'native avx2', threads: [1, 2], options: { backend: 'native', isa: 'avx2' } },
  { title: 'wasm relaxed', threads: [1, 2], options: { backend: 'wasm', isa: 'relaxed' }, required: true },
  { title: 'wasm simd', threads: [1, 2], options: { backend: 'wasm', isa: 'simd' }, required: true },
  { title: 'wasm single', threads: [1], options: { backend: 'wasm', isa: 'single' }, required: true },
]

const prepared = new Map<string, PreparedCase>()

function preparedOf(name: string): PreparedCase {
  const known = prepared.get(name)
  if (known) return known
  const fresh = prepare(cases.find((one) => one.name === name)!)
  prepared.set(name, fresh)
  return fresh
}

/** Runs a case on backends that differ in nothing but threads: close to the reference, and the same bits. */
async function checkCase(name: string, backends: readonly Backend[]): Promise<void> {
  const one = preparedOf(name)
  const outputs: (Uint8Array | null)[][] = []
  for (const backend of backends) outputs.push(await run(one, backend))
  for (const { ratio, message } of judge(one, outputs[0])) expect(ratio, message).toBeLessThanOrEqual(1)
  one.bounds.forEach((bound, j) => {
    if (bound === 'ignore') return
    for (const other of outputs.slice(1)) {
      const at = other[j] ? firstDifference(outputs[0][j]!, other[j]) : -1
      expect(at, `${name}, output ${j}: the first byte that depends on the number of threads`).toBe(-1)
    }
  })
}

describe('reference', () => {
  const reference = referenceBackend()
  for (const { name } of cases) it(name, () => checkCase(name, [reference]))
})

for (const { title, threads, options, required } of engines) {
  describe(title, () => {
    const backends: Backend[] = []

    beforeAll(async () => {
      try {
        for (const count of threads) backends.push(await openBackend({ ...options, threads: count }))
      } catch (error) {
        if (required) throw error
        console.warn(`NOT CHECKED: ${title}: ${(error as Error).message}`)
      }
    }, 300_000) // it may have to be built

    afterAll(() => Promise.all(backends.map((backend) => backend.close())))

    it('has every kernel', ({ skip }) => {
      if (backends.length === 0) return skip(`${title} cannot be had here`)
      const missing = [...kernels.keys()].filter((name) => !backends[0].kernels.has(name))
      if (missing.length > 0) console.warn(`${title} LACKS ${missing.length} KERNELS: ${missing.join(', ')}`)
      expect(missing).toEqual([])
    })

    for (const { name, kernel } of cases) {
      it(name, async ({ skip }) => {
        if (!backends[0]?.kernels.has(kernel)) return skip(`${title} lacks ${kernel}`)
        await checkCase(name, backends)
      })
    }
  })
}

describe('bounds refuse one slightly wrong element', () => {
  for (const { name } of cases) {
    it(name, () => {
      const one = preparedOf(name)
      for (const outputs of spoiltOutputs(one)) {
        expect(Math.max(...judge(one, outputs).map(({ ratio }) => ratio))).toBeGreaterThan(1)
      }
    })
  }
})

it('covers every kernel with cases of different names', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  const covered = new Set(cases.map(({ kernel }) => kernel))
  expect([...kernels.keys()].filter((name) => !covered.has(name))).toEqual([])
})
