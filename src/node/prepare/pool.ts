import { Worker } from 'node:worker_threads'
import { AlippeError } from '../../base/index.ts'

/** What a worker thread answers to a task. */
export type Answer<R> = { readonly result: R } | { readonly error: { readonly code: string; readonly message: string } }

/** Worker threads that do tasks of one kind, each one task at a time. */
export interface Pool<T, R> {
  readonly threads: number
  /**
   * Does tasks; results come in the order in which they are ready.
   *
   * @throws what a task threw; the others are given up then
   */
  run(tasks: Iterable<T>): AsyncGenerator<R>
  /** Ends the threads, with all that they hold in memory. They start anew when there is work. */
  close(): Promise<void>
}

/**
 * Threads that start when there is work, without the flags of this process: some are only for scripts that are given on the command line.
 *
 * @param script the module that a thread runs; it answers each message with an {@link Answer}
 * @param data what every thread is given
 */
export function openPool<T, R>(script: URL, threads: number, data: unknown): Pool<T, R> {
  let workers: Worker[] = []

  async function* run(tasks: Iterable<T>): AsyncGenerator<R> {
    const waiting = tasks[Symbol.iterator]()
    const ready: R[] = []
    let failure: { readonly error: unknown } | undefined
    let busy = 0
    let wake = () => {}
    // A worker goes on at once, also while what it made is not yet taken.
    const start = async (worker: Worker): Promise<void> => {
      busy++
      try {
        for (let next = waiting.next(); !next.done && failure === undefined; next = waiting.next()) {
          ready.push(await ask<T, R>(worker, next.value))
          wake()
        }
      } catch (error) {
        failure ??= { error }
      }
      busy--
      wake()
    }
    while (workers.length < threads) workers.push(new Worker(script, { workerData: data, execArgv: [] }))
    for (const worker of workers) void start(worker)
    while (busy > 0 || ready.length > 0) {
      yield* ready.splice(0)
      if (failure !== undefined) throw failure.error
      if (busy > 0 && ready.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    }
    if (failure !== undefined) throw failure.error
  }

  return {
    threads,
    run,
    async close() {
      const ending = workers
      workers = []
      await Promise.all(ending.map((worker) => worker.terminate()))
    },
  }
}

/** An error of a worker thread, with the code that it had there. */
export class WorkerError extends AlippeError {}

function ask<T, R>(worker: Worker, task: T): Promise<R> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      then()
    }
    const onMessage = (answer: Answer<R>) =>
      settle(() => {
        if ('result' in answer) resolve(answer.result)
        else reject(new WorkerError(answer.error.code, answer.error.message))
      })
    const onError = (error: Error) => settle(() => reject(error))
    const onExit = (code: number) =>
      settle(() => reject(new WorkerError('ALIPPE_DATA', `a worker thread ended with code ${code}`)))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    worker.postMessage(task)
  })
}
