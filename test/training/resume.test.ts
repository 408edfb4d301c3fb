import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/base/index.ts'
import { readSafetensorsHeader } from '../../src/formats/index.ts'

// The command itself in processes of their own: what a user has after a power cut is what these tests look at.

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  const rng = random(3)
  const words = ['the', 'cat', 'sat', 'on', 'a', 'mat', 'and', 'saw', 'one', 'bird']
  const text = Array.from({ length: 6000 }, () => words[rng.integer(words.length)]).join(' ')
  await writeFile(join(folder, 'text.txt'), text)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const settings =
  '--vocab 300 --depth 2 --width 64 --batch 4 --tokens 32 --evaluate-every 0 --evaluation-batches 1'.split(' ')

function start(out: string, ...more: string[]): ChildProcess {
  const command = [main, 'train', '--data', 'text.txt', '--out', out, ...settings, '--json', ...more]
  return spawn(process.execPath, command, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function finish(child: ChildProcess, expected = 0): Promise<string> {
  let output = ''
  child.stdout!.on('data', (chunk) => (output += chunk))
  child.stderr!.on('data', (chunk) => (output += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== expected) throw new Error(`exit code ${code}: ${output}`)
  return output
}

const checkpoint = (out: string, step: number) => join(folder, out, 'checkpoints', String(step).padStart(6, '0'))
const bits = (out: string, step: number) =>
  ['model.safetensors', 'optim.safetensors'].map((file) =>
    readFileSync(join(checkpoint(out, step), file)).toString('base64'),
  )
const steps = (out: string) => readdirSync(join(folder, out, 'checkpoints')).filter((name) => /^\d+$/.test(name))

describe('a run that goes on', () => {
  beforeAll(() => finish(start('whole', '--steps', '100', '--save-every', '60')))

  it('after 60 steps equals one that never stopped, bit for bit', { timeout: 60_000 }, async () => {
    // Stopped by the user's Ctrl-C after some step, then resumed.
    const child = start('parts', '--steps', '100', '--save-every', '1000')
    const interrupt = (chunk: Buffer) => {
      if (!chunk.includes('"step":40,')) return
      child.stdout!.off('data', interrupt)
      child.kill('SIGINT')
    }
    child.stdout!.on('data', interrupt)
    await finish(child, 130)
    const [stopped] = steps('parts')
    expect(Number(stopped)).toBeGreaterThanOrEqual(40)
    expect(Number(stopped)).toBeLessThan(100)
    await finish(start('parts', '--steps', '100', '--save-every', '1000', '--resume'))
    expect(bits('parts', 100)).toEqual(bits('whole', 100))

    // The metrics of the two runs tell the same story, each step once.
    const losses = (out: string) =>
      readFileSync(join(folder, out, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ step, split, lossNats }) => [step, split, lossNats])
    expect(losses('parts')).toEqual(losses('whole'))
  })

  it('survives SIGKILL at random moments without a half-written checkpoint', { timeout: 120_000 }, async () => {
    const rng = random(Number(process.env.ALIPPE_TEST_SEED ?? 11))
    for (let attempt = 0; attempt < 6; attempt++) {
      const child = start('killed', '--steps', '100', '--save-every', '1', '--resume')
      const closed = new Promise((resolve) => child.on('close', resolve))
      child.stdout!.once('data', () => setTimeout(() => child.kill('SIGKILL'), rng.integer(200)))
      await closed
      if (!existsSync(join(folder, 'killed', 'checkpoints'))) continue
      for (const step of steps('killed')) {
        for (const file of ['model.safetensors', 'optim.safetensors']) {
          const bytes = readFileSync(join(checkpoint('killed', Number(step)), file))
          expect(readSafetensorsHeader(bytes, { file, fileBytes: bytes.length }).entries.length).toBeGreaterThan(0)
        }
        JSON.parse(readFileSync(join(checkpoint('killed', Number(step)), 'state.json'), 'utf8'))
      }
    }
    await finish(start('killed', '--steps', '100', '--save-every', '1', '--resume'))
    expect(bits('killed', 100)).toEqual(bits('whole', 100))
  })
})
