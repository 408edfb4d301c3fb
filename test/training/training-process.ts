import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { random } from '../../src/base/index.ts'

// The command itself in processes of their own: what a user has after a power cut is what these tests look at.

export const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

/** A folder with a text to train on, `text.txt`. */
export async function folderWithText(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  const rng = random(3)
  const words = ['the', 'cat', 'sat', 'on', 'a', 'mat', 'and', 'saw', 'one', 'bird']
  const text = Array.from({ length: 6000 }, () => words[rng.integer(words.length)]).join(' ')
  await writeFile(join(folder, 'text.txt'), text)
  return folder
}

const settings =
  '--vocab 300 --depth 2 --width 64 --batch 4 --tokens 32 --evaluate-every 0 --evaluation-batches 1'.split(' ')

/** The words behind `alippe` that train in `folder`; `more` comes last and counts. */
export const words = (out: string, ...more: string[]) => [
  'train',
  '--data',
  'text.txt',
  '--out',
  out,
  ...settings,
  '--json',
  ...more,
]

/** Starts a process that trains. npm's environment is left out, as in a user's shell. */
export function start(folder: string, out: string, ...more: string[]): ChildProcess {
  return spawn(process.execPath, [main, ...words(out, ...more)], spawnOptions(folder))
}

export function spawnOptions(cwd: string) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
  return { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Waits for the end of a process. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (chunk) => (stdout += chunk))
  child.stderr!.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })))
}

/** Waits for the end of a process, which must be with this exit code. */
export async function finish(child: ChildProcess, expected = 0): Promise<Ended> {
  const end = await ended(child)
  if (end.code !== expected) throw new Error(`exit code ${end.code}, signal ${end.signal}: ${end.stdout}${end.stderr}`)
  return end
}

/** Calls back when the process has told of a step. */
export function atStep(child: ChildProcess, step: number, act: () => void): void {
  const listen = (chunk: Buffer) => {
    if (!chunk.includes(`"step":${step},`)) return
    child.stdout!.off('data', listen)
    act()
  }
  child.stdout!.on('data', listen)
}

/** What a run left behind. */
export function runAt(path: string) {
  const checkpoint = (step: number) => join(path, 'checkpoints', String(step).padStart(6, '0'))
  return {
    checkpoint,
    steps: () =>
      readdirSync(join(path, 'checkpoints'))
        .filter((name) => /^\d+$/.test(name))
        .map(Number),
    bits: (step: number) =>
      ['model.safetensors', 'optim.safetensors'].map((file) =>
        readFileSync(join(checkpoint(step), file)).toString('base64'),
      ),
    /** Step, split and loss of each line. */
    losses: () =>
      readFileSync(join(path, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ step, split, lossNats }) => [step, split, lossNats]),
  }
}
