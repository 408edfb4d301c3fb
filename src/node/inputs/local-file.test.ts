import { appendFile, mkdtemp, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { FileError } from '../files.ts'
import { fileVersion, LocalFile } from './local-file.ts'

const folder = await mkdtemp(join(tmpdir(), 'local-'))
afterAll(() => rm(folder, { recursive: true }))

const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 13 + (i >> 10)) & 255)
let files = 0

async function open(content = bytes): Promise<{ path: string; file: LocalFile }> {
  const path = join(folder, String(files++))
  await writeFile(path, content)
  // So that a later change has another time for sure.
  await utimes(path, 1, 1)
  const version = fileVersion(await stat(path, { bigint: true }))
  return { path, file: await LocalFile.open('f', path, { size: content.length, version }) }
}

it('reads any part', async () => {
  await using file = (await open()).file
  expect(file.size).toBe(bytes.length)
  expect(await file.read(5, 9)).toEqual(bytes.slice(5, 9))
  expect(await file.read(2_999_999, 4_000_000)).toEqual(bytes.slice(2_999_999))
  expect(await file.read(4_000_000, 5_000_000)).toEqual(new Uint8Array())
  const chunks = await Array.fromAsync(file.chunks())
  expect(chunks.length).toBe(3)
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  expect(Buffer.concat(await Array.fromAsync(file.chunks(7, 1_500_000))).equals(bytes.slice(7, 1_500_000))).toBe(true)
})

it('says where it ends when it becomes shorter', async () => {
  const { path, file } = await open()
  const chunks = file.chunks()
  await chunks.next()
  await truncate(path, 1_500_000)
  await expect(chunks.next()).rejects.toThrow(
    `cannot read ${path}: it became shorter while it was read: it ends at byte 1500000, not at 3000000`,
  )
  await file.close()
})

it('says when it changes or grows', async () => {
  for (const change of [(path: string) => appendFile(path, 'x'), (path: string) => writeFile(path, bytes)]) {
    const { path, file } = await open()
    await file.read(0, 10)
    await change(path)
    await expect(file.read(10, 20)).rejects.toThrow(/it changed while it was read, before byte 20 of 3000000/)
    await file.close()
  }
})

it('is not opened when it is another than was listed', async () => {
  const { path, file } = await open()
  await file.close()
  await expect(LocalFile.open('f', path, { size: 4 })).rejects.toThrow('it had 4 bytes, now it has 3000000')
  await expect(LocalFile.open('f', path, { size: 3_000_000, version: '1' })).rejects.toThrow(FileError)
  await expect(LocalFile.open('f', `${path}-none`, { size: 1 })).rejects.toThrow('does not exist')
})
