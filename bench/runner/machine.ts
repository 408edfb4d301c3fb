import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { CpuBackend, Peaks } from '../../src/backend/cpu/index.ts'
import type { Machine } from './contract.ts'
import { rounded } from './statistics.ts'

/**
 * Measures the limits of the machine: the base of every percentage. The best of three: a neighbour on the same cores can
 * only make a limit look lower than it is.
 */
export async function measureMachine(backend: CpuBackend): Promise<Machine> {
  const { readGBs, ...peak } = await bestPeaks(backend)
  const cpu = cpus()[0]?.model.trim() ?? 'unknown'
  return { cpu, engine: backend.name, threads: backend.threads, peak, readGBs }
}

/** The greatest of three measurements of each limit. */
export async function bestPeaks(backend: CpuBackend): Promise<Peaks> {
  const all = [await backend.peaks(), await backend.peaks(), await backend.peaks()]
  const best = (limit: keyof Peaks) => rounded(Math.max(...all.map((peaks) => peaks[limit])))
  return { f32: best('f32'), bf16: best('bf16'), int8: best('int8'), readGBs: best('readGBs') }
}

/** The commit that is measured, with a plus where files of it have changed; `unknown` outside of a repository. */
export function commitText(root: string): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
    return git('rev-parse', '--short', 'HEAD') + (changed ? '+' : '')
  } catch {
    return 'unknown'
  }
}
