import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { CpuBackend } from '../backend/cpu/index.ts'
import { nativeBackend, wasmBackend } from '../backend/cpu/index.ts'
import { BackendError, ConfigError } from '../base/index.ts'
import { loadAddon } from './addon.ts'
import { spawnWorker } from './wasm-workers.ts'

export interface BackendOptions {
  /** `auto` takes the native engine and falls back to WebAssembly. */
  backend?: 'native' | 'wasm' | 'auto'
  /** Default: `ALIPPE_THREADS`, else all that the machine offers, at most 64. */
  threads?: number
  /** A lower instruction set than the machine's best. Default: `ALIPPE_ISA`. */
  isa?: string
  /** Called when kernels have to be compiled first, which takes half a minute. */
  onBuild?: (what: 'native' | 'WebAssembly') => void
}

const mostThreads = 64

function threadCount(asked: number | undefined): number {
  const text = process.env.ALIPPE_THREADS
  const threads = asked ?? (text ? Number(text) : Math.min(availableParallelism(), mostThreads))
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads) {
    const source = asked === undefined ? 'ALIPPE_THREADS' : 'threads'
    throw new ConfigError(`${source} is ${asked ?? text}; expected a whole number from 1 to ${mostThreads}`)
  }
  return threads
}

async function openNative(threads: number, isa: string, onBuild: BackendOptions['onBuild']): Promise<CpuBackend> {
  const { buildKernels } = await import('../../scripts/build-kernels.ts')
  const { native } = await buildKernels({ wasm: false, quiet: true, onBuild })
  if (typeof native !== 'string' || !existsSync(native)) {
    throw new BackendError(typeof native === 'object' ? native.why : 'the native addon could not be built')
  }
  return nativeBackend(loadAddon(native), threads, isa)
}

async function openWasm(threads: number, isa: string, onBuild: BackendOptions['onBuild']): Promise<CpuBackend> {
  const { buildKernels } = await import('../../scripts/build-kernels.ts')
  const { wasm } = await buildKernels({ native: false, quiet: true, onBuild })
  if (typeof wasm !== 'string') throw new BackendError(wasm?.why ?? 'the WebAssembly modules could not be built')
  for (const variant of isa ? [isa] : ['relaxed', 'simd']) {
    if (variant !== 'relaxed' && variant !== 'simd' && variant !== 'single') {
      throw new BackendError(`cpu wasm: there is no build "${variant}"; there are relaxed, simd and single`)
    }
    const bytes = await readFile(join(wasm, `${variant}.wasm`))
    if (!isa && !WebAssembly.validate(bytes)) continue
    const module = await WebAssembly.compile(bytes)
    return wasmBackend({ module, isa: variant, threads, spawn: spawnWorker })
  }
  throw new BackendError('cpu wasm: this Node has no WebAssembly SIMD; use Node 22 or newer')
}

/** Why the last {@link openBackend} of this process took WebAssembly instead of the native engine; undefined if it did not. */
export function nativeRefusal(): string | undefined {
  return refusalOfNative
}
let refusalOfNative: string | undefined

/**
 * Opens the engine, building it first when it is missing or its sources have changed.
 *
 * @throws BackendError when the engine asked for cannot be had
 * @example
 * const backend = await openBackend()
 * backend.name // such as 'cpu native avx512bf16'
 * await backend.close()
 */
export async function openBackend(options: BackendOptions = {}): Promise<CpuBackend> {
  const threads = threadCount(options.threads)
  const isa = options.isa ?? process.env.ALIPPE_ISA ?? ''
  const backend = options.backend ?? 'auto'
  refusalOfNative = undefined
  if (backend === 'wasm') return openWasm(threads, isa, options.onBuild)
  try {
    return await openNative(threads, isa, options.onBuild)
  } catch (error) {
    if (backend === 'native' || isa) throw error
    refusalOfNative = (error as Error).message
    return openWasm(threads, '', options.onBuild)
  }
}
