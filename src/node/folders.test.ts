import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolderAtomically, removeFolder } from './folders.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'alippe-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('a folder', () => {
  it('appears whole, and replaces an old one', async () => {
    const target = join(root, 'a')
    for (const text of ['first', 'second']) {
      await makeFolderAtomically(target, async (folder) => {
        expect(folder).not.toBe(target)
        await writeFile(join(folder, 'file'), text)
      })
      expect(await readFile(join(target, 'file'), 'utf8')).toBe(text)
    }
    expect(await readdir(root)).toEqual(['a'])
  })

  it('stays as it was when filling fails', async () => {
    const target = join(root, 'a')
    await makeFolderAtomically(target, (folder) => writeFile(join(folder, 'file'), 'whole'))
    const failing = makeFolderAtomically(target, async (folder) => {
      await writeFile(join(folder, 'file'), 'half')
      throw new Error('no space')
    })
    await expect(failing).rejects.toThrow('no space')
    expect(await readFile(join(target, 'file'), 'utf8')).toBe('whole')
    expect(await readdir(root)).toEqual(['a'])
  })

  it('is removed, and may have been removed before', async () => {
    await mkdir(join(root, 'a', 'b'), { recursive: true })
    await removeFolder(join(root, 'a'))
    await removeFolder(join(root, 'a'))
    expect(existsSync(join(root, 'a'))).toBe(false)
  })
})
