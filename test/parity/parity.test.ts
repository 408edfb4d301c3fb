import { afterAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { cases } from './cases.ts'
import { judge, type PreparedCase, prepare, run } from './run.ts'

const prepared = new Map<string, PreparedCase>()

function preparedOf(name: string): PreparedCase {
  const known = prepared.get(name)
  if (known) return known
  const fresh = prepare(cases.find((one) => one.name === name)!)
  prepared.set(name, fresh)
  return fresh
}

it('names every case differently', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})

function checkParity(title: string, backends: readonly Backend[]): void {
  describe(title, () => {
    afterAll(() => Promise.all(backends.map((backend) => backend.close())))

    for (const { name, kernel } of cases) {
      if (!backends[0].kernels.has(kernel)) continue
      it(name, async () => {
        const one = preparedOf(name)
        const outputs: (Uint8Array | null)[][] = []
        for (const backend of backends) outputs.push(await run(one, backend))
        for (const { ratio, message } of judge(one, outputs[0])) expect(ratio, message).toBeLessThanOrEqual(1)
        one.bounds.forEach((bound, j) => {
          if (bound === 'ignore') return
          for (const other of outputs.slice(1)) {
            const at = other[j]?.findIndex((byte, i) => byte !== outputs[0][j]![i]) ?? -1
            expect(at, `${name}, output ${j}: the first byte that depends on the number of threads`).toBe(-1)
          }
        })
      })
    }
  })
}

checkParity('reference', [referenceBackend()])
