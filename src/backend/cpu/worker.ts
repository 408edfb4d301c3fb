/** What a thread of the WebAssembly engine starts from; sent to its worker. */
export interface WorkerStart {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Where this thread's stack begins; it grows down. */
  readonly stack: number
  /** Address of the pool. */
  readonly pool: number
  readonly thread: number
}

/** Asks thread 0 to run a program, or to measure peaks over a buffer. */
export type WorkerRequest =
  | { readonly program: number; readonly timings: number }
  | { readonly figures: number; readonly buffer: number; readonly bytes: number }

/** The exports of kernels/cpu/wasm.cc; numbers are addresses unless they are counts. */
export interface WasmExports {
  readonly __stack_pointer: WebAssembly.Global
  readonly __heap_base: WebAssembly.Global
  kernelCount(): number
  kernelName(index: number): number
  workspaceBytes(threads: number): number
  poolBytes(): number
  programBytes(words: number, count: number): number
  decode(words: number, count: number, spans: number, spanCount: number, place: number): number
  refusedCall(): number
  openPool(pool: number, threads: number, workspace: number): void
  run(pool: number, program: number, timings: number): void
  work(pool: number, thread: number): void
  stop(pool: number): void
  peaks(pool: number, buffer: number, bytes: number, figures: number): void
}

/** An instance of the engine's module over `memory`. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WasmExports {
  const nanoseconds = () => performance.now() * 1e6
  return new WebAssembly.Instance(module, { env: { memory, nanoseconds } }).exports as unknown as WasmExports
}

/** Does what was asked, now. */
export function perform(exports: WasmExports, pool: number, request: WorkerRequest) {
  if ('program' in request) exports.run(pool, request.program, request.timings)
  else exports.peaks(pool, request.buffer, request.bytes, request.figures)
}

/**
 * The life of a worker. Thread 0 answers requests in order, each with an empty message; the others work inside the
 * module until the pool is stopped.
 */
export function serve(
  start: WorkerStart,
  listen: (handler: (request: WorkerRequest) => void) => void,
  answer: () => void,
) {
  const exports = instantiate(start.module, start.memory)
  exports.__stack_pointer.value = start.stack
  if (start.thread > 0) return exports.work(start.pool, start.thread)
  listen((request) => {
    perform(exports, start.pool, request)
    answer()
  })
}
