import type { Backend } from '../backend/index.ts'
import { compile, type Program } from '../compiler/index.ts'
import { input, matmul } from '../tensor/index.ts'

/** Sizes of a product op(a) `[M, K]` · op(b) `[K, N]`. */
export interface ProductShape {
  readonly m: number
  readonly k: number
  readonly n: number
  /** a is stored `[K, M]`. */
  readonly transposeA?: boolean
  /** b is stored `[N, K]`. */
  readonly transposeB?: boolean
}

/** Products of plain arrays on a backend: what methods that solve for weights need of linear algebra. */
export interface Products {
  /** @returns `[M, N]` f32, row-major */
  multiply(a: Float32Array, b: Float32Array, shape: ProductShape): Promise<Float32Array>
  release(): void
}

/** Bytes of programs that stay compiled; beyond them the one used longest ago goes. */
const KEPT_BYTES = 2 ** 28

/**
 * Products on a backend. Programs are kept by their shapes, since the solvers halve matrices and so ask for few.
 *
 * @example
 * const { multiply, release } = products(referenceBackend())
 * await multiply(Float32Array.of(1, 2), Float32Array.of(3, 4), { m: 1, k: 2, n: 1 }) // [11]
 * release()
 */
export function products(backend: Backend): Products {
  const kept = new Map<string, Program>()
  const bytes = () => [...kept.values()].reduce((total, { plan }) => total + plan.arenaBytes, 0)

  function programFor({ m, k, n, transposeA = false, transposeB = false }: ProductShape): Program {
    const key = `${m} ${k} ${n} ${transposeA} ${transposeB}`
    let program = kept.get(key)
    kept.delete(key)
    if (program === undefined) {
      const a = input('a', transposeA ? [k, m] : [m, k])
      const b = input('b', transposeB ? [n, k] : [k, n])
      program = compile({ outputs: { c: matmul(a, b, { transposeA, transposeB }) } }, { backend })
      for (const [oldest, old] of kept) {
        if (bytes() + program.plan.arenaBytes <= KEPT_BYTES) break
        old.release()
        kept.delete(oldest)
      }
    }
    kept.set(key, program)
    return program
  }

  return {
    async multiply(a, b, shape) {
      const { c } = await programFor(shape).run({ a, b })
      return c as Float32Array
    },
    release() {
      for (const program of kept.values()) program.release()
      kept.clear()
    },
  }
}
