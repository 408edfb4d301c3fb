import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atStep, ended, finish, folderWithText, main, runAt, spawnOptions, start, words } from './training-process.ts'

// Disks that refuse, in earnest: a small file system in memory that fills up or becomes read-only (which takes the
// rights of root), and a limit on the size of files.

let folder: string
let whole: string[]
const run = (out: string) => runAt(join(folder, out))

beforeAll(async () => {
  folder = await folderWithText()
  await finish(start(folder, 'whole', '--steps', '30', '--save-every', '10'))
  whole = run('whole').bits(30)
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Mounts a file system of so many bytes at a place; says why when that cannot be done. */
function mount(place: string, bytes: number): string | undefined {
  mkdirSync(place)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', place], { stdio: 'pipe' })
  } catch (error) {
    return `needs the rights to mount a file system: ${(error as Error).message.split('\n')[0]}`
  }
}

describe('a run on a disk', () => {
  it('that fills up ends with the last checkpoint, and goes on when there is room', {
    timeout: 60_000,
  }, async (context) => {
    const place = join(folder, 'full')
    const size = whole.reduce((sum, { length }) => sum + (length * 3) / 4, 0)
    const why = mount(place, Math.round(1.8 * size)) // the second does not fit beside the first
    if (why !== undefined) return context.skip(why)
    try {
      const more = ['--steps', '30', '--save-every', '10']
      const { code, stderr } = await ended(start(folder, 'full/run', ...more))
      expect(stderr).toMatch(/^alippe: cannot write .*full\/run\/\S+: the disk is full; free some space .*\(ENOSPC\)$/m)
      expect(stderr).not.toMatch(/^\s+at /m)
      expect(code).toBe(1)
      expect(readdirSync(join(place, 'run', 'checkpoints'))).toEqual(['000010'])
      execFileSync('mount', ['-o', `remount,size=${Math.round(4 * size)}`, place])
      await finish(start(folder, 'full/run', ...more, '--resume'))
      expect(run('full/run').bits(30)).toEqual(whole)
    } finally {
      execFileSync('umount', [place])
    }
  })

  it('that is read-only does not begin, and leaves the last checkpoint', { timeout: 60_000 }, async (context) => {
    const place = join(folder, 'read-only')
    const why = mount(place, 64e6)
    if (why !== undefined) return context.skip(why)
    try {
      await finish(start(folder, 'read-only/run', '--steps', '10'))
      execFileSync('mount', ['-o', 'remount,ro', place])
      const resumed = await ended(start(folder, 'read-only/run', '--steps', '30', '--resume'))
      expect(resumed.stderr).toMatch(/^alippe: cannot write .*the file system is read-only; choose another place/m)
      expect(resumed.code).toBe(1)
      const fresh = await ended(start(folder, 'read-only/runs/other', '--steps', '30'))
      expect(fresh.stderr).toMatch(/^alippe: cannot make the folder .*read-only\/runs: the file system is read-only/m)
      expect(fresh.code).toBe(1)
      expect(run('read-only/run').steps()).toEqual([10])
    } finally {
      execFileSync('umount', [place])
    }
  })

  it('with a limit on files ends with the last checkpoint', { timeout: 60_000 }, async () => {
    const more = ['--steps', '30', '--save-every', '10']
    const child = start(folder, 'limited', ...more)
    atStep(child, 5, () => child.kill('SIGINT'))
    await finish(child, 130)
    const before = run('limited').steps()
    // In blocks of 512 bytes or 1 KiB: more than the metrics, less than the weights.
    const command = ['-c', 'ulimit -f 128; exec "$0" "$@"', process.execPath, main]
    const resumed = words('limited', ...more, '--resume')
    const { code, stderr } = await ended(spawn('sh', [...command, ...resumed], spawnOptions(folder)))
    expect(stderr).toMatch(
      /^alippe: cannot write .*\.safetensors: the file would be larger than is allowed here \(EFBIG\)$/m,
    )
    expect(code).toBe(1)
    expect(run('limited').steps()).toEqual(before)
    await finish(start(folder, 'limited', ...more, '--resume'))
    expect(run('limited').bits(30)).toEqual(whole)
  })
})
