import { BackendError } from '../../base/index.ts'
import type { Backend, Executable, KernelCall, Segment } from '../contract.ts'
import { encode, refusal } from './encode.ts'

/** What the machine can do at best, measured: with every thread of the backend, at its instruction set. */
export interface Peaks {
  /** Multiplications and additions of f32, GFLOP/s. */
  readonly f32: number
  /** The same of bf16 into f32, GFLOP/s; 0 without an instruction for it. */
  readonly bf16: number
  /** The same of int8 into i32, GOP/s; 0 without an instruction for it. */
  readonly int8: number
  /** Reading memory that no cache holds, GB/s. */
  readonly readGBs: number
}

/** A backend made of the C++ kernels. */
export interface CpuBackend extends Backend {
  /** Instruction set in use: `avx512bf16`, `avx512`, `avx2`, `sse2`, `neon`; `relaxed`, `simd`, `single` for WebAssembly. */
  readonly isa: string
  /** Measures for about a second; queues up like a run. */
  peaks(): Promise<Peaks>
}

/** The functions of kernels/cpu/addon.cc. Handles are opaque. */
export interface NativeAddon {
  open(threads: number, isa: string): unknown
  close(engine: unknown): void
  isa(engine: unknown): string
  kernels(engine: unknown): string[]
  workspaceBytes(threads: number): number
  allocate(bytes: number): unknown
  copy(segment: unknown, offset: number, bytes: Uint8Array, inward: boolean): void
  load(engine: unknown, words: Float64Array, segments: readonly unknown[]): unknown
  run(engine: unknown, program: unknown, timings: Float64Array | undefined): Promise<void>
  peaks(engine: unknown): Promise<[number, number, number, number]>
  releaseSegment(segment: unknown): void
  releaseProgram(program: unknown): void
  /** The pages of a file; null where they cannot be had. */
  mapFile(path: string): ArrayBuffer | null
}

/** Errors of the addon become BackendErrors that say what was being done. */
function attempt<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw new BackendError(`cpu native: ${(error as Error).message}`)
  }
}

/**
 * The native engine.
 *
 * @param isa a lower instruction set than the machine's best, or `''`
 * @throws BackendError when the machine lacks that instruction set
 */
export function nativeBackend(addon: NativeAddon, threads: number, isa = ''): CpuBackend {
  const engine = attempt(() => addon.open(threads, isa))
  const kernelNames = addon.kernels(engine).map((name) => name.replaceAll('_', '-'))
  const isaName = addon.isa(engine)
  const handles = new WeakMap<Segment, unknown>()

  function allocate(bytes: number): Segment {
    const handle = attempt(() => addon.allocate(bytes))
    const segment: Segment = {
      bytes,
      write: (offset, source) => attempt(() => addon.copy(handle, offset, source, true)),
      async read(offset, length, into = new Uint8Array(length)) {
        if (!(offset >= 0 && length >= 0 && offset + length <= bytes)) {
          throw new BackendError(`read: bytes ${offset} to ${offset + length} are not inside a segment of ${bytes}`)
        }
        attempt(() => addon.copy(handle, offset, into, false))
        return into
      },
      release: () => addon.releaseSegment(handle),
    }
    handles.set(segment, handle)
    return segment
  }

  function load(calls: readonly KernelCall[], segments: readonly Segment[]): Executable {
    const words = encode(calls, kernelNames)
    let program: unknown
    try {
      program = addon.load(
        engine,
        words,
        segments.map((segment) => handles.get(segment)),
      )
    } catch (error) {
      throw refusal((error as Error).message, calls)
    }
    return {
      run: async (timings) => attempt(() => addon.run(engine, program, timings)),
      release: () => addon.releaseProgram(program),
    }
  }

  return {
    name: `cpu native ${isaName}`,
    isa: isaName,
    threads,
    kernels: new Set(kernelNames.filter(Boolean)),
    workspaceBytes: addon.workspaceBytes(threads),
    allocate,
    load,
    async peaks() {
      const [f32, bf16, int8, readGBs] = await attempt(() => addon.peaks(engine))
      return { f32, bf16, int8, readGBs }
    },
    close: async () => attempt(() => addon.close(engine)),
  }
}
