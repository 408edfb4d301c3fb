import { BackendError } from '../../base/index.ts'
import type { Executable, KernelCall, Segment } from '../contract.ts'
import { encode, refusal } from './encode.ts'
import { heapOver } from './heap.ts'
import type { CpuBackend } from './native.ts'
import { instantiate, perform, type WasmExports, type WorkerRequest, type WorkerStart } from './worker.ts'

/** A worker as its owner sees it. */
export interface WasmWorker {
  /** Sends a request; `answered` is called once for each, in order. */
  request(request: WorkerRequest): void
  /** Whether the worker alone keeps the process alive. */
  hold(alive: boolean): void
  terminate(): Promise<void>
}

/** Starts a worker that calls `serve` of worker.ts with `start`. */
export type WorkerSpawner = (start: WorkerStart, answered: () => void, failed: (error: Error) => void) => WasmWorker

export interface WasmOptions {
  readonly module: WebAssembly.Module
  /** Which build it is: `relaxed` and `simd` share their memory between threads, `single` does not. */
  readonly isa: 'relaxed' | 'simd' | 'single'
  readonly threads: number
  /** Needed unless `isa` is `single`, which runs on the caller's own thread. */
  readonly spawn?: WorkerSpawner
}

const firstPages = 64
const stackBytes = 1 << 20
const spanBytes = 16
const peakBufferBytes = 1 << 27

function text(memory: WebAssembly.Memory, address: number): string {
  const bytes = new Uint8Array(memory.buffer, address, Math.min(256, memory.buffer.byteLength - address))
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)))
}

function kernelNames(exports: WasmExports, memory: WebAssembly.Memory): string[] {
  return Array.from({ length: exports.kernelCount() }, (_, i) => {
    const name = exports.kernelName(i) >>> 0
    return name ? text(memory, name).replaceAll('_', '-') : ''
  })
}

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/**
 * The WebAssembly engine. One memory of at most 4 GiB holds segments, programs and the threads' space. Threads are
 * workers, thread 0 too, so the caller's event loop stays free; the build `single` runs where it is called.
 *
 * @throws BackendError when workers are needed and `spawn` is missing
 */
export function wasmBackend({ module, isa, threads: asked, spawn }: WasmOptions): CpuBackend {
  const shared = isa !== 'single'
  const threads = shared ? asked : 1
  if (shared && !spawn)
    throw new BackendError(`cpu wasm ${isa}: threads need workers; pass spawn, or use the single build`)
  const memory = new WebAssembly.Memory({ initial: firstPages, maximum: 65536, shared })
  const exports = instantiate(module, memory)
  const names = kernelNames(exports, memory)
  const heap = heapOver(memory, exports.__heap_base.value)
  const workspaceBytes = exports.workspaceBytes(threads)
  const pool = heap.allocate(exports.poolBytes())
  exports.openPool(pool, threads, heap.allocate(workspaceBytes))

  const waiting: Waiting[] = []
  let failure: Error | undefined
  function failed(error: Error) {
    failure = new BackendError(`cpu wasm ${isa}: a worker failed: ${error.message}`, { cause: error })
    for (const one of waiting.splice(0)) one.reject(failure)
  }
  function answered() {
    waiting.shift()?.resolve()
    if (!waiting.length) workers[0].hold(false)
  }
  const workers = Array.from({ length: shared ? threads : 0 }, (_, thread) => {
    const stack = heap.allocate(stackBytes) + stackBytes
    return spawn!({ module, memory, stack, pool, thread }, answered, failed)
  })

  async function ask(request: WorkerRequest): Promise<void> {
    if (failure) throw failure
    if (!shared) return perform(exports, pool, request)
    const done = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
    workers[0].hold(true)
    workers[0].request(request)
    return done
  }

  const addresses = new WeakMap<Segment, number>()
  function allocate(bytes: number): Segment {
    const address = heap.allocate(bytes)
    const view = (offset: number, length: number) => {
      if (!addresses.has(segment)) throw new BackendError('segment: it has been released')
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes)) {
        throw new BackendError(`segment: bytes ${offset} to ${offset + length} are not inside ${bytes}`)
      }
      return new Uint8Array(memory.buffer, address + offset, length)
    }
    const segment: Segment = {
      bytes,
      write: (offset, source) => view(offset, source.length).set(source),
      async read(offset, length, into = new Uint8Array(length)) {
        into.set(view(offset, length))
        return into
      },
      release() {
        if (addresses.delete(segment)) heap.free(address)
      },
    }
    addresses.set(segment, address)
    return segment
  }

  function load(calls: readonly KernelCall[], segments: readonly Segment[]): Executable {
    const words = encode(calls, names)
    const place = { words: heap.allocate(words.byteLength), spans: heap.allocate(segments.length * spanBytes) }
    new Float64Array(memory.buffer, place.words, words.length).set(words)
    segments.forEach((segment, i) => {
      const address = addresses.get(segment)
      if (address === undefined) throw new BackendError('load: a segment has been released')
      const view = new DataView(memory.buffer, place.spans + i * spanBytes)
      view.setUint32(0, address, true)
      view.setBigInt64(8, BigInt(segment.bytes), true)
    })
    const program = heap.allocate(exports.programBytes(place.words, words.length))
    const why = exports.decode(place.words, words.length, place.spans, segments.length, program) >>> 0
    heap.free(place.words)
    heap.free(place.spans)
    if (why) {
      heap.free(program)
      throw refusal(`${exports.refusedCall()}: ${text(memory, why)}`, calls)
    }
    let released = false
    return {
      async run(timings) {
        if (released) throw new BackendError('run: the program has been released')
        if (!timings) return ask({ program, timings: 0 })
        if (timings.length < calls.length)
          throw new BackendError(`run: timings has ${timings.length} entries for ${calls.length} calls`)
        const place = heap.allocate(calls.length * 8)
        try {
          await ask({ program, timings: place })
          timings.set(new Float64Array(memory.buffer, place, calls.length))
        } finally {
          heap.free(place)
        }
      },
      release() {
        if (!released) heap.free(program)
        released = true
      },
    }
  }

  return {
    name: `cpu wasm ${isa}`,
    isa,
    threads,
    kernels: new Set(names.filter(Boolean)),
    workspaceBytes,
    allocate,
    load,
    async peaks() {
      const buffer = heap.allocate(peakBufferBytes)
      const figures = heap.allocate(16)
      await ask({ buffer, bytes: peakBufferBytes, figures })
      const [f32, bf16, int8, readGBs] = new Float32Array(memory.buffer, figures, 4)
      heap.free(buffer)
      heap.free(figures)
      return { f32, bf16, int8, readGBs }
    },
    async close() {
      if (waiting.length) throw new BackendError('close: a program is still running; wait for its promise first')
      failure = new BackendError(`cpu wasm ${isa}: the engine is closed`)
      if (shared) exports.stop(pool)
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
