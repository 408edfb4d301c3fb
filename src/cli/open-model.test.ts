import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { compile, createState } from '../compiler/index.ts'
import { llama } from '../models/index.ts'
import { checkpointWriter } from '../node/index.ts'
import { initialization } from '../train/index.ts'
import { openModel } from './open-model.ts'
import { configJson } from './open-session.ts'

const root = await mkdtemp(join(tmpdir(), 'alippe-'))
afterAll(() => rm(root, { recursive: true }))

it('is the newest of a run, the best of it, or a folder', async () => {
  const backend = referenceBackend()
  const model = llama({ vocabSize: 8, context: 4, width: 4, layers: 1, heads: 1 })
  const state = createState(backend)
  await compile(initialization(model, 1), { backend, state }).run()
  const run = join(root, 'run')
  const writer = checkpointWriter({
    folder: join(run, 'checkpoints'),
    state,
    weights: Object.keys(model.weights),
    optimizerStates: [],
    files: { 'config.json': configJson(model), 'tokenizer.json': '{}' },
    keep: 3,
    goodAfter: 0,
  })
  const opened = async (path: string, options?: { best?: boolean }) => (await openModel(path, backend, options)).folder

  await writer.save({ step: 1 })
  await expect(opened(run, { best: true })).rejects.toThrow(/run: no checkpoint has a validation loss/)
  await expect(opened(join(run, 'best'))).rejects.toThrow(/no checkpoint has a validation loss/)
  await writer.save({ step: 2, validationNats: 1 })
  await writer.save({ step: 3, validationNats: 2 })
  expect(await opened(run)).toBe(join(run, 'checkpoints', '000003'))
  expect(await opened(run, { best: true })).toBe(join(run, 'checkpoints', '000002'))
  expect(await opened(join(run, 'best'))).toBe(join(run, 'checkpoints', '000002'))
  const folder = join(run, 'checkpoints', '000001')
  expect(await opened(folder)).toBe(folder)
  await expect(opened(folder, { best: true })).rejects.toThrow(/000001 is no folder of a run/)
  await expect(opened(join(root, 'best'))).rejects.toThrow(/cannot read .*best: it does not exist/)
})
