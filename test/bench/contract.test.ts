import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openPython } from '../../bench/peers/python.ts'
import type { Bench, Report } from '../../bench/runner/contract.ts'

const folder = join(import.meta.dirname, '..', '..', 'bench')
const names = globSync('*.ts', { cwd: folder })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'run')

const bench = (...words: string[]) => promisify(execFile)(process.execPath, [join(folder, 'run.ts'), ...words])

describe('npm run bench', () => {
  it.each(names)('finds a definition in %s.ts', async (name) => {
    const { default: found } = (await import(join(folder, `${name}.ts`))) as { default: Bench }
    expect(found).toEqual({ title: expect.any(String), cases: expect.any(Function) })
  })

  it('-- NAME --json prints one document and nothing else', { timeout: 60_000 }, async () => {
    const { stdout } = await bench('attention', '--json', '--quick', '--only=two heads', '--threads=1')
    const report = JSON.parse(stdout) as Report
    expect(report).toMatchObject({
      bench: 'attention',
      date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      commit: expect.any(String),
      quick: true,
      machine: { cpu: expect.any(String), threads: 1, peak: { f32: expect.any(Number) }, readGBs: expect.any(Number) },
      skipped: expect.any(Array),
    })
    expect(report.machine.peak.f32).toBeGreaterThan(0)
    expect(report.cases.length).toBeGreaterThanOrEqual(2)
    for (const { case: name, ours, peers, target, met } of report.cases) {
      expect(name).toContain('two heads')
      expect(peers).toEqual([])
      expect([target, met]).toEqual([null, null])
      expect(ours.runs).toBeGreaterThanOrEqual(5)
      expect(ours.min).toBeGreaterThan(0)
      expect(ours.value).toBeGreaterThanOrEqual(ours.min)
      expect(ours.max).toBeGreaterThanOrEqual(ours.value)
      // Rounding to four digits on both sides.
      const share = (100 * ours.value) / report.machine.peak[name.includes('bf16') ? 'bf16' : 'f32']
      expect(ours.percentOfPeak! / share).toBeCloseTo(1, 2)
    }
  })

  it.each([['nothing'], ['run'], ['attention', '--backend=abacus']])('-- %s says what there is', async (...words) => {
    await expect(bench(...words)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/there are|must be/) })
  })
})

describe('a peer that cannot be had', () => {
  it('is missing, with the reason', async () => {
    expect(await openPython('no-such-script.py', 1)).toEqual({
      why: expect.stringMatching(/No such file|did not start/),
    })
  })
})
