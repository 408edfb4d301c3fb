import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lossOf, planCompute, publishedLaws } from '../src/scaling/index.ts'
import { environment, main, runAlippe } from './run-alippe.ts'

// Plans of compute and sweeps, as a user meets them.

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  const words = ['river', 'stone', 'bread', 'winter', 'horse', 'song', 'light', 'garden']
  const sentence = (i: number) => `The ${words[i % 8]} and the ${words[(i * i + 3) % 8]} met in year ${i % 97}.`
  await mkdir(join(folder, 'texts'))
  const text = Array.from({ length: 3000 }, (_, i) => sentence(i)).join('\n')
  await writeFile(join(folder, 'texts', 'a.txt'), text)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const alippe = (...words: string[]) => runAlippe(folder, ...words)
const explain = (...words: string[]) => alippe('explain', 'scaling', ...words)

describe('alippe explain scaling', () => {
  it('plans by all published laws', async () => {
    const { stdout, code } = await explain('--flops', '5.76e23')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^hoffmann +5.76e23 +32.2 G +2.98 T +92.6 /m)
    expect(stdout).toMatch(/^besiroglu +5.76e23 +72.2 G +1.33 T +18.4 /m)
    expect(stdout).toMatch(/^besiroglu +1.8172 +482.01 +2085.43 +0.3478 +0.3658 +Besiroglu et al. 2024/m)
    expect(stdout).toMatch(/by Kaplan et al. 2020 10.9 %/)
    expect(stdout).not.toMatch(/lost/)
  })

  it('says what a forced size costs', async () => {
    const { stdout } = await explain('--parameters', '8B', '--tokens', '15T', '--law', 'besiroglu')
    const { lostNats, computeFactor } = planCompute(publishedLaws.besiroglu.law, { parameters: 8e9, tokens: 15e12 })
    expect(stdout).toContain(`${lostNats.toFixed(4)}  ${computeFactor.toFixed(2)} ×`)
    expect(stdout).not.toMatch(/^hoffmann/m)
  })

  it('turns hours into compute by the peak of the machine', async () => {
    const { stdout } = await explain('--hours', '8', '--efficiency', '0.25', '--json', '--law', 'hoffmann')
    const { speed, laws } = JSON.parse(stdout)
    expect(speed.source).toMatch(/^25 % of the peak of \d+ GFLOP\/s in (f32|bf16)$/)
    expect(laws).toHaveLength(1)
    expect(laws[0].plan.flops).toBeCloseTo(8 * 3600 * speed.flopsPerSecond, -3)
  })

  it('fits the runs of a file, and plans with them', async () => {
    const law = { E: 1.2, A: 90, B: 300, alpha: 0.4, beta: 0.35 }
    const runs = [1e15, 1e16, 1e17].flatMap((flops) =>
      [0.5, 0.7, 1, 1.4, 2].map((share) => {
        const parameters = share * planCompute(law, { flops }).parameters
        const tokens = flops / 6 / parameters
        return { parameters, tokens, lossNats: lossOf(law, parameters, tokens), flopsPerSecond: 2e11 * share }
      }),
    )
    await writeFile(join(folder, 'runs.jsonl'), runs.map((run) => `${JSON.stringify(run)}\n`).join(''))
    const { stdout } = await explain('--law', 'runs.jsonl', '--hours', '10', '--resamples', '20')
    expect(stdout).toMatch(/^15 runs$/m)
    expect(stdout).toMatch(/[⠁-⣿].*●/) // the parabolas and the runs on them
    expect(stdout).toMatch(/^ *10 PFLOP +5 +[\d.]+ . +0 % /m)
    expect(stdout).toMatch(/N ∝ C\^0.467 ± 0.000, D ∝ C\^0.533 ± 0.000/)
    expect(stdout).toMatch(/^E +1.2 +0 +1.2 +1.2$/m)
    expect(stdout).toMatch(/^α +0.4 +0 +0.4 +0.4$/m)
    expect(stdout).toMatch(/R² 1.0000/)
    expect(stdout).toMatch(/10h00m at 400 GFLOP\/s: the fastest run of the sweep/)
    expect(stdout).toMatch(/^these runs +1.44e16 /m)
    const { stdout: json } = await explain('--law', 'runs.jsonl', '--resamples', '20', '--json')
    const { sweep, laws } = JSON.parse(json)
    expect(laws[0]).toMatchObject({ name: 'these runs', law: sweep.fit.law, plan: { flops: 1e18 } })
    expect(sweep.fit.estimates.beta.value).toBeCloseTo(0.35, 9)
    expect(sweep.isoFlop.curves.map((each: { runs: number }) => each.runs)).toEqual([5, 5, 5])
  })

  it('says what runs do not tell', async () => {
    const run = { parameters: 1e6, tokens: 2e7, lossNats: 3 }
    await writeFile(join(folder, 'few.jsonl'), `${JSON.stringify(run)}\n`)
    const { stdout, code } = await explain('--law', 'few.jsonl')
    expect(code).toBe(0)
    expect(stdout).toMatch(/needs 5 points with 3 values of parameters and of tokens, got 1 with 1 and 1: add runs/)
    expect(stdout).toMatch(/needs three sizes of the same compute/)
    expect(stdout).toMatch(/^besiroglu /m)
  })

  it.each([
    [['--flops', '12X'], 3, /expected an amount above 0 such as 124M, 2.5B or 1e18, got 12X/],
    [['--flops', '1e18', '--parameters', '1M', '--tokens', '1M'], 3, /got all three/],
    [['--flops', '1e18', '--hours', '3', '--efficiency', '1'], 3, /give flops or hours, not both/],
    [['--efficiency', '40'], 3, /expected a number from 0 to 1, got 40/],
    [['--law', 'nowhere'], 3, /--law must be hoffmann, hoffmann-tex, besiroglu, or a file .*nowhere cannot be read/],
    [['--law', 'bad.jsonl'], 1, /bad.jsonl:2: lossNats must be a number above 0, got "low"/],
  ] as const)('%j ends with %i and says why', async (words, code, message) => {
    const rows = ['{"parameters": 1, "tokens": 1, "lossNats": 1}', '{"parameters": 1, "tokens": 1, "lossNats": "low"}']
    await writeFile(join(folder, 'bad.jsonl'), rows.join('\n'))
    const result = await explain(...words)
    expect(result.stderr).toMatch(message)
    expect(result.stderr).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(code)
  })
})

describe('alippe sweep', () => {
  const quick = '--data texts --vocab 300 --batch 2 --tokens 16 --sizes 3 --evaluation-batches 4'.split(' ')
  const sweep = (...words: string[]) => alippe('sweep', ...quick, ...words)
  const small = ['--name', 'small', '--budgets', '4e9', '6e9', '9e9']
  const rowsOf = async (name: string) => {
    const text = await readFile(join(folder, 'runs', 'sweeps', name, 'sweep.jsonl'), 'utf8')
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  it('trains, fits and draws; what is finished is not trained again', { timeout: 120_000 }, async () => {
    const first = await sweep(...small)
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/9 runs of 5[67][.\d]* GFLOP together, in runs\/sweeps\/small; N are all parameters/)
    expect(first.stdout).toMatch(/run 9 of 9: .* parameters, .* tokens, \d+ steps\n {2}loss \d\.\d+ · .* of 6·N·D/)
    expect(first.stdout).toMatch(/a parabola for each compute/)
    expect(first.stdout).toMatch(/R² [\d.]+ of log-loss/)
    const rows = await rowsOf('small')
    expect(rows).toHaveLength(9)
    for (const { name, parameters, nonEmbedding, tokens, flops, countedFlops, lossNats, flopsPerSecond } of rows) {
      expect(parameters).toBeGreaterThan(nonEmbedding)
      expect(flops).toBe(6 * parameters * tokens)
      // Attention and norms come on top of the matrix products.
      expect(countedFlops / flops).toBeGreaterThan(1)
      expect(countedFlops / flops).toBeLessThan(1.5)
      expect(lossNats).toBeLessThan(Math.log(300))
      expect(flopsPerSecond).toBeGreaterThan(0)
      const metrics = await readFile(join(folder, 'runs', 'sweeps', 'small', name, 'metrics.jsonl'), 'utf8')
      expect(JSON.parse(metrics.trim().split('\n').at(-1)!)).toMatchObject({ split: 'validation', lossNats })
    }
    // Runs have whole steps, 150 at least.
    for (const [i, { flops }] of rows.entries())
      expect(Math.abs(flops / [4e9, 6e9, 9e9][Math.floor(i / 3)] - 1)).toBeLessThan(0.5 / 150)

    const again = await sweep(...small, '--json')
    const lines = again.stdout.trim().split('\n')
    expect(lines).toHaveLength(1) // no run, only the findings
    expect(JSON.parse(lines[0])).toMatchObject({
      runs: 9,
      isoFlop: { curves: [{ runs: 3 }, { runs: 3 }, { runs: 3 }] },
    })
    const { stdout } = await explain('--law', 'runs/sweeps/small', '--resamples', '10')
    expect(stdout).toMatch(/^9 runs$/m)
  })

  it('keeps sweeps of other settings apart', async () => {
    const { stderr, code } = await sweep(...small, '--lr', '1e-3')
    expect(stderr).toMatch(
      /runs\/sweeps\/small holds a sweep of another text or with other settings: choose another --name/,
    )
    expect(code).toBe(3)
  })

  it('prints its runs without leaving anything behind', async () => {
    const { stdout, code } = await sweep('--name', 'nothing', '--budgets', '4e9', '--dry-run')
    expect(code).toBe(0)
    expect(stdout).toMatch(/3 runs of 12 GFLOP together/)
    await expect(stat(join(folder, 'runs', 'sweeps', 'nothing'))).rejects.toThrow('ENOENT')
  })

  it('stops at Ctrl-C with a checkpoint, and goes on to the same losses', { timeout: 120_000 }, async () => {
    const budget = ['--budgets', '9e9']
    const child = spawn(process.execPath, [main, 'sweep', ...quick, '--name', 'stopped', ...budget], {
      cwd: folder,
      env: environment,
    })
    let said = ''
    child.stderr.on('data', (part) => {
      said += part
    })
    const place = join(folder, 'runs', 'sweeps', 'stopped')
    const begun = async () => (await readdir(place).catch(() => [])).find((name) => name !== 'sweep.json')
    const firstStep = async (run: string | undefined) => {
      const text = await readFile(join(place, `${run}`, 'metrics.jsonl'), 'utf8').catch(() => '')
      return text.includes('\n') ? text.split('\n')[0] : undefined
    }
    let [run, seen]: (string | undefined)[] = []
    while (seen === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      run = await begun()
      seen = await firstStep(run)
    }
    child.kill('SIGINT')
    child.kill('SIGINT') // as npm gives it on: the same wish
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(said).toMatch(/Stopped; 0 of 3 runs are finished. The same command goes on./)
    expect(code).toBe(130)

    const rest = await sweep('--name', 'stopped', ...budget)
    expect(rest.code).toBe(0)
    expect(await firstStep(run), 'steps before the stop are not done again').toBe(seen)
    const losses = async (name: string, flops: number) =>
      (await rowsOf(name)).filter((row) => Math.abs(row.flops / flops - 1) < 0.1).map(({ lossNats }) => lossNats)
    expect(await losses('stopped', 9e9)).toEqual(await losses('small', 9e9))
  })
})
