import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/base/index.ts'
import { readSafetensorsHeader } from '../../src/formats/index.ts'
import { atStep, ended, finish, folderWithText, main, runAt, spawnOptions, start } from './training-process.ts'

let folder: string
const run = (out: string) => runAt(join(folder, out))
const begin = (out: string, ...more: string[]) => start(folder, out, ...more)

beforeAll(async () => {
  folder = await folderWithText()
  await finish(begin('whole', '--steps', '100', '--save-every', '60'))
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a run that goes on', () => {
  it('after Ctrl-C, by the command that it printed, equals one that never stopped', { timeout: 60_000 }, async () => {
    const child = begin('parts', '--steps', '100', '--save-every', '1000')
    atStep(child, 40, () => {
      child.kill('SIGINT')
      child.kill('SIGINT') // as npm gives it on; the same wish
    })
    const { stderr } = await finish(child, 130)
    const [stopped] = run('parts').steps()
    expect(stopped).toBeGreaterThanOrEqual(40)
    expect(stopped).toBeLessThan(100)
    const [, command] = stderr.match(/^alippe: stopped after step \d+; go on with: node (.*)$/m)!
    expect(command).toMatch(/main\.ts train --data text\.txt --out parts .* --steps 100 .* --resume$/)
    expect(join(folder, command.split(' ')[0])).toBe(main)
    await finish(spawn(process.execPath, command.split(' '), spawnOptions(folder)))
    expect(run('parts').bits(100)).toEqual(run('whole').bits(100))
    // The metrics of the two runs tell the same story, each step once.
    expect(run('parts').losses()).toEqual(run('whole').losses())
  })

  it('after SIGTERM has a checkpoint too', { timeout: 60_000 }, async () => {
    const child = begin('terminated', '--steps', '100000', '--save-every', '100000')
    atStep(child, 20, () => child.kill('SIGTERM'))
    await finish(child, 143)
    expect(run('terminated').steps()).toHaveLength(1)
  })

  it('ends at once at the second Ctrl-C, and the last checkpoint is whole', { timeout: 60_000 }, async () => {
    // A step takes a second or more, so the first Ctrl-C has to wait for its end; the second does not.
    const child = begin('twice', '--accumulate', '150', '--steps', '100', '--save-every', '1')
    let asked = 0
    atStep(child, 2, () => {
      child.kill('SIGINT')
      setTimeout(() => {
        asked = performance.now()
        child.kill('SIGINT')
      }, 400)
    })
    const { signal } = await ended(child)
    expect(signal).toBe('SIGINT')
    expect(performance.now() - asked).toBeLessThan(1000)
    const { steps, checkpoint } = run('twice')
    requireWhole(checkpoint(steps().at(-1)!))
  })

  it('survives SIGKILL at random moments without a half-written checkpoint', { timeout: 120_000 }, async () => {
    const rng = random(Number(process.env.ALIPPE_TEST_SEED ?? 11))
    for (let attempt = 0; attempt < 4; attempt++) {
      const child = begin('killed', '--steps', '100', '--save-every', '1', '--resume')
      child.stdout!.once('data', () => setTimeout(() => child.kill('SIGKILL'), rng.integer(200)))
      await ended(child)
      if (!existsSync(join(folder, 'killed', 'checkpoints'))) continue
      for (const step of run('killed').steps()) requireWhole(run('killed').checkpoint(step))
    }
    await finish(begin('killed', '--steps', '100', '--save-every', '1', '--resume'))
    expect(run('killed').bits(100)).toEqual(run('whole').bits(100))
  })

  it('survives SIGKILL while a checkpoint is being written', { timeout: 120_000 }, async () => {
    const more = ['--width', '256', '--steps', '12', '--save-every', '4']
    await finish(begin('wide', ...more))
    const partOf = (step: number) => join(folder, 'torn', 'checkpoints', `${String(step).padStart(6, '0')}.part`)
    // The moment is short: until it was met, begin anew.
    for (let attempt = 0; !existsSync(partOf(8)); attempt++) {
      if (attempt === 10) throw new Error('the writing of step 8 was never met')
      await rm(join(folder, 'torn'), { recursive: true, force: true })
      const child = begin('torn', ...more)
      const watch = setInterval(() => {
        const files = existsSync(partOf(8)) ? readdirSync(partOf(8)) : []
        if (files.some((name) => name.includes('model.safetensors'))) child.kill('SIGKILL')
      }, 1)
      await ended(child)
      clearInterval(watch)
    }
    expect(run('torn').steps()).toEqual([4])
    await finish(begin('torn', ...more, '--resume'))
    expect(run('torn').bits(12)).toEqual(run('wide').bits(12))
    expect(existsSync(partOf(8))).toBe(false)
  })
})

function requireWhole(checkpoint: string): void {
  for (const file of ['model.safetensors', 'optim.safetensors']) {
    const bytes = readFileSync(join(checkpoint, file))
    expect(readSafetensorsHeader(bytes, { file, fileBytes: bytes.length }).entries.length).toBeGreaterThan(0)
  }
  JSON.parse(readFileSync(join(checkpoint, 'state.json'), 'utf8'))
}
