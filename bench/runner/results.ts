import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../src/base/index.ts'
import type { Machine, Report } from './contract.ts'

// results/MACHINE/DATE-BENCH.json: one folder a machine, one document a bench and day.

/**
 * A folder's name for a machine.
 *
 * @example
 * machineName({ cpu: 'AMD EPYC (Zen 5)', threads: 2, … }) // 'amd-epyc-zen-5-2-threads'
 */
export function machineName({ cpu, threads }: Pick<Machine, 'cpu' | 'threads'>): string {
  const words = cpu.toLowerCase().match(/[a-z0-9]+/g) ?? ['unknown']
  return `${words.join('-')}-${threads}-threads`
}

/** Keeps a report, in place of one of the same bench, machine and day; returns its path. A quick one is no evidence. */
export function saveResult(folder: string, report: Report): string {
  if (report.quick) throw new ConfigError('--save keeps full runs only; leave --quick out')
  const home = join(folder, machineName(report.machine))
  mkdirSync(home, { recursive: true })
  const path = join(home, `${report.date}-${report.bench}.json`)
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
  return path
}

/**
 * The newest report of each bench on each machine, by machine and bench.
 *
 * @throws ConfigError when there is none
 */
export function loadResults(folder: string): Report[] {
  const newest = new Map<string, Report>()
  for (const file of globSync('*/*.json', { cwd: folder }).sort()) {
    const report = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Report
    newest.set(`${machineName(report.machine)} ${report.bench}`, report)
  }
  if (newest.size === 0)
    throw new ConfigError(`there are no reports in ${folder}; npm run -s bench -- NAME --save keeps one`)
  return [...newest.keys()].sort().map((key) => newest.get(key)!)
}
