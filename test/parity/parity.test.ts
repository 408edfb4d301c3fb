import { afterAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { kernels, referenceBackend } from '../../src/backend/reference/index.ts'
import { openBackend } from '../../src/node/backend.ts'
import { cases } from './cases.ts'
import { firstDifference, judge, type PreparedCase, prepare, run } from './run.ts'
import { spoiltOutputs } from './spoil.ts'

// Every case on every backend. One kernel on one engine: vitest run test/parity -t 'native avx2 softmax'

const prepared = new Map<string, PreparedCase>()

function preparedOf(name: string): PreparedCase {
  const known = prepared.get(name)
  if (known) return known
  const fresh = prepare(cases.find((one) => one.name === name)!)
  prepared.set(name, fresh)
  return fresh
}

/** Runs all cases on backends that differ in nothing but threads: close to the reference, and the same bits. */
function checkParity(title: string, backends: readonly Backend[]): void {
  describe(title, () => {
    afterAll(() => Promise.all(backends.map((backend) => backend.close())))

    it('has every kernel', () => {
      const missing = [...kernels.keys()].filter((name) => !backends[0].kernels.has(name))
      if (missing.length > 0) console.warn(`${title} LACKS ${missing.length} KERNELS: ${missing.join(', ')}`)
      expect(missing).toEqual([])
    })

    for (const { name, kernel } of cases) {
      if (!backends[0].kernels.has(kernel)) continue // reported above
      it(name, async () => {
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
      })
    }
  })
}

/** Opens an engine at 1 and 2 threads; says loudly when it cannot be had. */
async function open(backend: 'native' | 'wasm', isa?: string): Promise<Backend[]> {
  const opened: Backend[] = []
  try {
    for (const threads of [1, 2]) opened.push(await openBackend({ backend, threads, isa }))
  } catch (error) {
    console.warn(`NOT CHECKED: ${backend} ${isa ?? ''}: ${(error as Error).message}`)
    return []
  }
  return opened
}

checkParity('reference', [referenceBackend()])

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

const seen = new Set<string>()
for (const isa of [undefined, 'avx512', 'avx2']) {
  const backends = await open('native', isa)
  if (backends.length === 0 || seen.has(backends[0].name)) continue
  seen.add(backends[0].name)
  checkParity(backends[0].name, backends)
}

it('covers every kernel with cases of different names', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  const covered = new Set(cases.map(({ kernel }) => kernel))
  expect([...kernels.keys()].filter((name) => !covered.has(name))).toEqual([])
})
