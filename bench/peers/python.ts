import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { AlippeError } from '../../src/base/index.ts'

/** A peer that lives in a Python process: one request a line, one answer a line, both JSON. */
export interface PythonPeer {
  /** What the process says of itself when it is ready: the version of what it measures. */
  readonly version: string
  request<T>(message: object): Promise<T>
  close(): Promise<void>
}

/** A peer that cannot be had, and why. */
export interface Missing {
  readonly why: string
}

/**
 * Starts a script of this folder in the first Python that has what it imports: `PYTHON` of the environment alone where it is
 * set, else python3, then the system's own, whose packages are Debian's. Its first line is `{"version": …}`, or
 * `{"missing": why}`; each later one answers a request: `{"result": …}` or `{"error": why}`.
 */
export async function openPython(script: string, threads: number): Promise<PythonPeer | Missing> {
  const reasons: string[] = []
  for (const python of process.env.PYTHON ? [process.env.PYTHON] : ['python3', '/usr/bin/python3']) {
    const peer = await start(python, script, threads)
    if (!('why' in peer)) return peer
    if (!reasons.includes(peer.why)) reasons.push(peer.why)
  }
  return { why: reasons.join('; ') }
}

async function start(python: string, script: string, threads: number): Promise<PythonPeer | Missing> {
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) }
  const child = spawn(python, [join(import.meta.dirname, script)], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const lines = answersOf(child, python)
  const hello = await lines.next()
  if (!('version' in hello)) return { why: String(hello.missing ?? hello.error) }
  return {
    version: String(hello.version),
    async request<T>(message: object): Promise<T> {
      child.stdin.write(`${JSON.stringify(message)}\n`)
      const answer = await lines.next()
      if ('error' in answer) throw new AlippeError('ALIPPE_PEER', `${script}: ${answer.error}`)
      return answer.result as T
    },
    close() {
      const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()))
      child.stdin.end()
      return child.exitCode === null ? closed : Promise.resolve()
    },
  }
}

type Answer = Readonly<Record<string, unknown>>

/** Answers in the order in which they come; an error when the process ends before it answers. */
function answersOf(child: ChildProcessByStdio<Writable, Readable, Readable>, python: string) {
  const waiting: ((answer: Answer) => void)[] = []
  const arrived: Answer[] = []
  let ended: Answer | undefined
  let lastWords = ''
  const take = (answer: Answer) => {
    const next = waiting.shift()
    if (next === undefined) arrived.push(answer)
    else next(answer)
  }
  const end = (why: string) => {
    ended ??= { error: why }
    for (const resolve of waiting.splice(0)) resolve(ended)
  }
  // What a library prints on its own is no answer: those are objects.
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) take(JSON.parse(line))
  })
  child.stderr.on('data', (bytes) => void (lastWords = `${lastWords}${bytes}`.slice(-2000)))
  child.stdin.on('error', () => {})
  child.on('error', (error) => end(`${python} did not start: ${error.message}`))
  child.on('close', (code, signal) => end(lastWords.trim().split('\n').at(-1) || `ended with ${code ?? signal}`))
  return {
    next(): Promise<Answer> {
      const first = arrived.shift() ?? ended
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve))
    },
  }
}
