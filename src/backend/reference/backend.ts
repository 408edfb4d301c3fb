import { BackendError } from '../../base/index.ts'
import type { Backend, BufferRef, Executable, KernelCall, Segment } from '../contract.ts'
import { kernels } from './kernels.ts'
import { absent, type View, viewOf } from './view.ts'

/** How long a run may hold the event loop, in milliseconds; one kernel call is never cut. */
const turnMs = 10

/**
 * The backend that defines what every kernel computes: plain loops in f64, rounded where a value is stored. Slow; meant
 * for tests, for reading, and for machines where nothing else runs.
 *
 * @example
 * const backend = referenceBackend()
 * const memory = backend.allocate(64)
 * const y = { segment: 0, offset: 0, shape: [4], dtype: 'f32' } as const
 * await backend.load([{ kernel: 'fill', inputs: [], outputs: [y], attributes: [1] }], [memory]).run()
 */
export function referenceBackend(): Backend {
  const memories = new WeakMap<Segment, ArrayBuffer>()
  let queue: Promise<void> = Promise.resolve()

  function memoryOf(segment: Segment | undefined): ArrayBuffer {
    const memory = segment && memories.get(segment)
    if (!memory) throw new BackendError('reference: a buffer lies in a segment that this backend does not hold')
    return memory
  }

  function prepare(call: KernelCall, segments: readonly Segment[]): () => void {
    const kernel = kernels.get(call.kernel)
    if (!kernel) {
      throw new BackendError(
        `reference: there is no kernel "${call.kernel}"; there are ${[...kernels.keys()].join(', ')}`,
      )
    }
    const view = (ref: BufferRef | null): View => (ref ? viewOf(memoryOf(segments[ref.segment]), ref) : absent)
    const inputs = call.inputs.map(view)
    const outputs = call.outputs.map(view)
    return () => kernel(inputs, outputs, call.attributes)
  }

  return {
    name: 'reference',
    threads: 1,
    kernels: new Set(kernels.keys()),
    workspaceBytes: 0,
    allocate(bytes): Segment {
      const memory = new ArrayBuffer(bytes)
      const segment: Segment = {
        bytes,
        write: (offset, data) => new Uint8Array(memory).set(data, offset),
        read: async (offset, length) => new Uint8Array(memory, offset, length).slice(),
        release: () => void memories.delete(segment),
      }
      memories.set(segment, memory)
      return segment
    },
    load(calls, segments): Executable {
      const steps = calls.map((call) => prepare(call, segments))
      return {
        run(timings) {
          const result = queue.then(() => runInTurns(steps, timings))
          queue = result.catch(() => {}) // a run that failed must not stop the next
          return result
        },
        release() {},
      }
    },
    close: () => queue,
  }
}

async function runInTurns(steps: readonly (() => void)[], timings?: Float64Array): Promise<void> {
  let turnStart = performance.now()
  for (let i = 0; i < steps.length; i++) {
    const start = performance.now()
    if (start - turnStart > turnMs) {
      await new Promise((resolve) => setTimeout(resolve))
      turnStart = performance.now()
    }
    const stepStart = performance.now()
    steps[i]()
    if (timings) timings[i] = (performance.now() - stepStart) * 1e6 // ns
  }
}
