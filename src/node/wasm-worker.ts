import { parentPort, workerData } from 'node:worker_threads'
import { serve } from '../backend/cpu/index.ts'

// A thread of the WebAssembly engine; started by wasm-workers.ts.
const port = parentPort!
serve(
  workerData,
  (handler) => port.on('message', handler),
  () => port.postMessage(null),
)
