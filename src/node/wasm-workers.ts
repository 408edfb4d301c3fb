import { Worker } from 'node:worker_threads'
import type { WorkerSpawner } from '../backend/cpu/index.ts'

/** Threads of the WebAssembly engine as worker threads of Node. They do not keep the process alive. */
export const spawnWorker: WorkerSpawner = (start, answered, failed) => {
  const worker = new Worker(new URL('./wasm-worker.ts', import.meta.url), { workerData: start })
  worker.on('message', answered)
  worker.on('error', failed)
  worker.unref()
  return {
    request: (request) => worker.postMessage(request),
    hold: (alive) => (alive ? worker.ref() : worker.unref()),
    async terminate() {
      await worker.terminate()
    },
  }
}
