import type { DType, Shape } from '../base/index.ts'

/**
 * What a backend promises. A backend allocates segments of memory, loads a list of kernel calls that refer to places in
 * those segments, and runs the whole list in one go. It knows no tensors and no models. Implementations: `reference`
 * (TypeScript, the definition of every kernel), `cpu` (C++: native addon and WebAssembly), later `webgpu`.
 */
export interface Backend {
  /** For people and reports: `reference`, `cpu native avx512`, `cpu wasm relaxed`. */
  readonly name: string
  /** Threads that work on a program. */
  readonly threads: number
  /** Kernels that can be called, by name. */
  readonly kernels: ReadonlySet<string>
  /** Bytes that kernels need beside the buffers of their calls (packing space); allocated once. */
  readonly workspaceBytes: number
  /** Memory filled with zeros; offset 0 is aligned to 64 bytes. */
  allocate(bytes: number): Segment
  /** Prepares `calls` to run over `segments`; a buffer's `segment` is an index into that list. */
  load(calls: readonly KernelCall[], segments: readonly Segment[]): Executable
  /** Ends threads and frees everything. Nothing may be running. */
  close(): Promise<void>
}

/** A range of backend memory. */
export interface Segment {
  readonly bytes: number
  /** Copies bytes in. Must not be called while a program that uses the segment runs. */
  write(offset: number, bytes: Uint8Array): void
  /** Copies bytes out, into memory of the caller's where it gives some. */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  release(): void
}

/** A loaded program. */
export interface Executable {
  /**
   * Runs every call in order; resolves when the last has ended. Runs of one backend queue up behind each other.
   *
   * @param timings one entry per call, filled with nanoseconds when given
   */
  run(timings?: Float64Array): Promise<void>
  release(): void
}

/** Where a value lives: contiguous, row-major, at `offset` bytes (a multiple of 64) into a segment. */
export interface BufferRef {
  readonly segment: number
  readonly offset: number
  readonly shape: Shape
  readonly dtype: DType
}

/** Numbers that tune a kernel, in the order in which the operation declares them; a list travels with its length. */
export type Attribute = number | readonly number[]

/**
 * One instruction of a program. Outputs may share memory with an input only where the kernel allows it
 * (`inPlace` of the operation); an absent optional buffer is `null`.
 */
export interface KernelCall {
  readonly kernel: string
  readonly inputs: readonly (BufferRef | null)[]
  readonly outputs: readonly (BufferRef | null)[]
  readonly attributes: readonly Attribute[]
}
