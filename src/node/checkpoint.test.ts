import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { createState, type State } from '../compiler/index.ts'
import {
  bestCheckpoint,
  checkpointPath,
  checkpointSteps,
  latestCheckpoint,
  markBest,
  pruneCheckpoints,
} from './checkpoint.ts'
import { type CheckpointWriter, checkpointWriter } from './checkpoint-writer.ts'
import { loadTensors } from './tensors-file.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'alippe-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function fake(step: number, validationNats?: number): Promise<void> {
  await mkdir(checkpointPath(root, step), { recursive: true })
  await writeFile(join(checkpointPath(root, step), 'state.json'), JSON.stringify({ step, validationNats }))
}

describe('checkpoints of a run', () => {
  it('keep the newest, and sweep up what was interrupted', async () => {
    for (const name of ['000010', '000020', '000030', '000005.old', '000040.part', 'notes'])
      await mkdir(join(root, name))
    await pruneCheckpoints(root, 2)
    expect((await readdir(root)).sort()).toEqual(['000020', '000030', 'notes'])
    expect(await latestCheckpoint(root)).toBe(join(root, '000030'))
  })

  it('mark the best, which stays', async () => {
    for (const [step, nats] of [[10, 3], [20, 2.5], [30, 2.7], [40], [50, 2.6]] as const) await fake(step, nats)
    expect(await bestCheckpoint(root)).toBeUndefined() // nobody has looked yet
    expect(await markBest(root)).toBe(20)
    expect(JSON.parse(await readFile(join(root, 'best.json'), 'utf8'))).toEqual({ step: 20, validationNats: 2.5 })
    await pruneCheckpoints(root, 2, [20, undefined])
    expect(await checkpointSteps(root)).toEqual([20, 40, 50])
    expect(await bestCheckpoint(root)).toBe(join(root, '000020'))
    // The mark follows when the best is gone, and goes with the last that was measured.
    await rm(checkpointPath(root, 20), { recursive: true })
    expect(await bestCheckpoint(root)).toBeUndefined()
    expect(await markBest(root)).toBe(50)
    await rm(checkpointPath(root, 50), { recursive: true })
    expect(await markBest(root)).toBeUndefined()
    expect(await readdir(root)).toEqual(['000040'])
  })
})

describe('a writer of checkpoints', () => {
  let state: State
  let writer: CheckpointWriter
  const names = ['w', 'w.m', 'w.q']
  const fill = (value: number) => {
    state.write('w', new Float32Array(6).fill(value))
    state.write('w.m', new Float32Array(6).fill(value + 0.5))
    state.write('w.q', new Uint8Array(6).fill(value))
  }
  const loaded = async (step: number) => {
    const into = createState(referenceBackend())
    const of = (...wanted: string[]) => Object.fromEntries(wanted.map((name) => [name, state.places.get(name)!]))
    await loadTensors(join(checkpointPath(root, step), 'model.safetensors'), into, of('w'))
    await loadTensors(join(checkpointPath(root, step), 'optim.safetensors'), into, of('w.m', 'w.q'))
    return Promise.all(names.map(async (name) => (await into.read(name))[5]))
  }

  beforeEach(() => {
    state = createState(referenceBackend())
    state.ensure([
      { name: 'w', shape: [2, 3], dtype: 'f32' },
      { name: 'w.m', shape: [2, 3], dtype: 'f32' },
      { name: 'w.q', shape: [6], dtype: 'u8' },
    ])
    writer = checkpointWriter({
      folder: root,
      state,
      weights: ['w'],
      optimizerStates: ['w.m', 'w.q'],
      files: { 'config.json': '{}' },
      keep: 1,
      goodAfter: 10,
    })
  })

  it('writes what the state was, whatever becomes of it meanwhile', async () => {
    expect(writer.bytes).toBe(24 + 24 + 6)
    fill(1)
    await writer.begin({ step: 1 })
    fill(2)
    expect(await checkpointSteps(root)).toEqual([]) // it is still being written
    await writer.settle()
    expect(await loaded(1)).toEqual([1, 1.5, 1])
    fill(3)
    await writer.save({ step: 2 })
    expect(await loaded(2)).toEqual([3, 3.5, 3])
    expect(writer.written().map(({ step }) => step)).toEqual([1, 2])
    expect(writer.written()).toEqual([])
  })

  it('writes one at a time', async () => {
    for (let step = 1; step <= 5; step++) {
      fill(step)
      await writer.begin({ step })
      fill(100)
      expect((await readdir(root)).filter((name) => name.endsWith('.part')).length).toBeLessThanOrEqual(1)
    }
    await writer.settle()
    expect(writer.written().map(({ step }) => step)).toEqual([1, 2, 3, 4, 5])
    expect(await loaded(5)).toEqual([5, 5.5, 5])
  })

  it('keeps the newest, the best, and one that has proved good', async () => {
    for (const [step, validationNats] of [[5, 2], [10, 1], [15, 3], [20], [24, 4]] as const) {
      await writer.save({ step, validationNats })
    }
    // 10 is the best, and the newest with 10 steps behind it.
    expect(await checkpointSteps(root)).toEqual([10, 24])
    // Now 24 is that one, and the newest is the best.
    await writer.save({ step: 35, validationNats: 0.5 })
    expect(await checkpointSteps(root)).toEqual([24, 35])
  })

  it('tells of a failure once, at the next call, and leaves the last checkpoint alone', async () => {
    fill(1)
    await writer.save({ step: 1 })
    const broken = checkpointWriter({
      folder: join(root, '000001', 'config.json'),
      state,
      weights: ['w'],
      optimizerStates: [],
      files: {},
      keep: 1,
      goodAfter: 0,
    })
    await broken.begin({ step: 2 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(() => broken.written()).toThrow(/cannot make the folder .*config.json: a file of that name is there/)
    expect(broken.written()).toEqual([])
    await broken.begin({ step: 3 })
    await expect(broken.settle()).rejects.toThrow(/cannot make the folder/)
    await broken.settle()
    expect(await loaded(1)).toEqual([1, 1.5, 1])
  })
})
