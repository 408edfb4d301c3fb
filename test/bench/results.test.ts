import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Report } from '../../bench/runner/contract.ts'
import { placeTable, resultsTable } from '../../bench/runner/readme.ts'
import { loadResults, saveResult } from '../../bench/runner/results.ts'
import { compare, figure } from '../../bench/runner/statistics.ts'
import { ConfigError } from '../../src/base/index.ts'

const cases = [
  compare({
    case: 'gpt2-124m bf16',
    ours: figure([800], 'tokens/s', 1600),
    peers: { slow: [100], quick: [640] },
    target: 'percentOfPeak >= 45',
  }),
  compare({ case: 'a part of it', ours: figure([1], 'ms'), detail: true }),
]
const machine = {
  cpu: 'Some CPU @ 3 GHz',
  engine: 'cpu native',
  threads: 2,
  peak: { f32: 500, bf16: 1000, int8: 0 },
  readGBs: 40,
}
const report: Report = { bench: 'train', date: '2026-12-01', commit: 'abc', quick: false, machine, cases, skipped: [] }

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'alippe-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('saved results', () => {
  it('come back, the newest of each bench and machine', () => {
    expect(saveResult(folder, report)).toBe(join(folder, 'some-cpu-3-ghz-2-threads', '2026-12-01-train.json'))
    const others = [
      { ...report, date: '2026-12-03' },
      { ...report, date: '2026-12-02' },
      { ...report, bench: 'gemm' },
      { ...report, machine: { ...machine, threads: 4 } },
    ]
    for (const other of others) saveResult(folder, other)
    const found = loadResults(folder).map(({ bench, date, machine: { threads } }) => `${bench} ${date} ${threads}`)
    expect(found).toEqual(['gemm 2026-12-01 2', 'train 2026-12-03 2', 'train 2026-12-01 4'])
  })

  it('must be there', () => expect(() => loadResults(folder)).toThrow('there are no reports'))

  it('are never those of a quick look', () =>
    expect(() => saveResult(folder, { ...report, quick: true })).toThrow(ConfigError))
})

describe("README's table", () => {
  it('names the machine, and of the peers the one that comes nearest', () => {
    expect(resultsTable([report])).toBe(
      [
        'Some CPU @ 3 GHz, 2 threads (f32 500 GFLOP/s, bf16 1000 GFLOP/s, memory 40 GB/s; measured 2026-12-01)',
        '',
        '| bench | case | ours | of peak | best peer, ratio | target |',
        '|---|---|---|---|---|---|',
        '| train | gpt2-124m bf16 | 800 tokens/s | 50 % | 640 (quick), 1.25 × | % of peak ≥ 45 ✓ |',
      ].join('\n'),
    )
  })

  it('takes the place of the old one', () => {
    const readme = 'before\n<!-- figures: npm run -s bench -- --table --write -->\nold\n<!-- /figures -->\nafter\n'
    const once = placeTable(readme, 'new')
    expect(once.split('\n').filter(Boolean)).toEqual([
      'before',
      '<!-- figures: npm run -s bench -- --table --write -->',
      'new',
      '<!-- /figures -->',
      'after',
    ])
    expect(placeTable(once, 'new')).toBe(once)
    expect(() => placeTable('no marks', 'new')).toThrow(ConfigError)
  })
})
