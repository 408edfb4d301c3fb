import { parentPort, workerData } from 'node:worker_threads'
import { AlippeError } from '../../base/index.ts'
import { taskRunner } from './run-task.ts'
import type { Task, WorkerData } from './tasks.ts'

// A worker thread of `prepare`: does a task for each message.

const run = taskRunner(workerData as WorkerData)

parentPort!.on('message', async (task: Task) => {
  try {
    parentPort!.postMessage({ result: await run(task) })
  } catch (error) {
    const code = error instanceof AlippeError ? error.code : 'ALIPPE_UNEXPECTED'
    const message = error instanceof AlippeError ? error.message : String((error as Error).stack ?? error)
    parentPort!.postMessage({ error: { code, message } })
  }
})
