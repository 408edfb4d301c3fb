import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { CpuBackend } from '../../src/backend/cpu/index.ts'
import type { Machine } from './contract.ts'
import { rounded } from './statistics.ts'

/** Measures the limits of the machine: the base of every percentage. */
export async function measureMachine(backend: CpuBackend): Promise<Machine> {
  const { f32, bf16, int8, readGBs } = await backend.peaks()
  const peak = { f32: rounded(f32), bf16: rounded(bf16), int8: rounded(int8) }
  const cpu = cpus()[0]?.model.trim() ?? 'unknown'
  return { cpu, engine: backend.name, threads: backend.threads, peak, readGBs: rounded(readGBs) }
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
