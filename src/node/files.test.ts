import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { nativePath } from '../../scripts/build-kernels.ts'
import { FileError, fileError, fileFolder, makeFolder, writeAtomically } from './files.ts'

const folder = await mkdtemp(join(tmpdir(), 'files-'))
afterAll(() => rm(folder, { recursive: true }))
const bytes = (text: string) => new TextEncoder().encode(text)

describe('writeAtomically', () => {
  it('writes bytes, lists and streams, over what was there', async () => {
    const path = join(folder, 'a')
    await writeAtomically(path, bytes('old'))
    await writeAtomically(path, [bytes('ne'), bytes(''), bytes('w')])
    expect(await readFile(path, 'utf8')).toBe('new')
    await writeAtomically(
      path,
      (async function* () {
        yield bytes('stre')
        yield bytes('am')
      })(),
    )
    expect(await readFile(path, 'utf8')).toBe('stream')
    expect(await readdir(folder)).toEqual(['a'])
  })

  it('leaves the old file and nothing else when the bytes end in an error', async () => {
    const path = join(folder, 'a')
    await writeFile(path, 'old')
    const broken = (async function* () {
      yield bytes('half')
      // The half is in a temporary file by now, and the old file is untouched.
      expect(await readdir(folder)).toHaveLength(2)
      expect(await readFile(path, 'utf8')).toBe('old')
      throw new TypeError('mine')
    })()
    await expect(writeAtomically(path, broken)).rejects.toThrow(TypeError)
    expect(await readdir(folder)).toEqual(['a'])
    expect(await readFile(path, 'utf8')).toBe('old')
  })

  it('lets many write the same file at once', async () => {
    const path = join(folder, 'a')
    await Promise.all(Array.from({ length: 20 }, (_, i) => writeAtomically(path, bytes(`text ${i}`))))
    expect(await readFile(path, 'utf8')).toMatch(/^text \d+$/)
    expect(await readdir(folder)).toEqual(['a'])
  })

  it('says why it cannot', async () => {
    await expect(writeAtomically(join(folder, 'no', 'b'), bytes(''))).rejects.toThrow(
      /cannot write into the folder .*no: it does not exist/,
    )
    await expect(writeAtomically(join(folder, 'a', 'b'), bytes(''))).rejects.toThrow(/is a file, not a folder/)
    await mkdir(join(folder, 'c', 'd'), { recursive: true })
    await expect(writeAtomically(join(folder, 'c'), bytes('x'))).rejects.toThrow(FileError)
    await expect(writeAtomically(join(folder, 'c'), bytes('x'))).rejects.toThrow(/cannot write .*c: it is a folder/)
    expect((await readdir(folder)).sort()).toEqual(['a', 'c'])
    for (const [code, message] of [
      ['ENOSPC', /cannot write x: the disk is full; free some space .*\(ENOSPC\)/],
      ['EROFS', /read-only/],
      ['EACCES', /not permitted/],
    ] as const) {
      const error = fileError('write', 'x', Object.assign(new Error('system'), { code }))
      expect(error.message).toMatch(message)
      expect(error.code).toBe('ALIPPE_FILE')
    }
  })

  it.runIf(existsSync('/dev/full'))('knows what a full disk says (runs where there is a /dev/full)', async () => {
    const handle = await open('/dev/full', 'w')
    const refused = await handle.write(bytes('x')).catch((error) => error)
    await handle.close()
    expect(fileError('write', 'x', refused).message).toMatch(/the disk is full/)
  })

  it('removes what it wrote when the system refuses in the middle', async () => {
    // A limit on the size of files refuses as a full disk does. The shell sets it, in blocks of 1 KiB or 512 bytes.
    const path = join(folder, 'limited')
    const script = `
      import { writeAtomically } from ${JSON.stringify(new URL('./files.ts', import.meta.url).href)}
      process.on('SIGXFSZ', () => {})
      const parts = Array.from({ length: 64 }, () => new Uint8Array(65536))
      await writeAtomically(${JSON.stringify(path)}, parts).catch((error) => console.log(error.code, error.message))`
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -f 1024; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ])
    expect(stdout).toMatch(/^ALIPPE_FILE cannot write .*limited: the file would be larger than is allowed here/)
    expect((await readdir(folder)).filter((name) => name.includes('limited'))).toEqual([])
  })
})

describe('makeFolder', () => {
  it('makes folders around it, and minds none that is there', async () => {
    await Promise.all([1, 2, 3].map(() => makeFolder(join(folder, 'm', 'n', 'o'))))
    await makeFolder(join(folder, 'm', 'n'))
    expect(await readdir(join(folder, 'm', 'n'))).toEqual(['o'])
    await writeFile(join(folder, 'm', 'file'), '')
    await expect(makeFolder(join(folder, 'm', 'file'))).rejects.toThrow(/a file of that name is there/)
    await expect(makeFolder(join(folder, 'm', 'file', 'p', 'q'))).rejects.toThrow(/a part of the path is a file/)
  })
})

describe('fileFolder', () => {
  it('writes, measures and reads ranges', async () => {
    const files = fileFolder(join(folder, 'e'))
    expect(await files.size('f/g')).toBeUndefined()
    await files.write('f/g', bytes('0123456789'))
    expect(await files.size('f/g')).toBe(10)
    expect(new TextDecoder().decode(await files.read('f/g', 3, 4))).toBe('3456')
    await expect(files.read('f/g', 8, 4)).rejects.toThrow(/ends at byte 10, before 12/)
    await expect(files.read('f/x', 0, 1)).rejects.toThrow(/cannot read .*x: it does not exist/)
  })
})

describe('files as memory', () => {
  it('are the bytes on the disk, and need not be aligned', async () => {
    const place = fileFolder(join(folder, 'mapped'))
    const bytes = Uint8Array.from({ length: 10_001 }, (_, i) => i * 7)
    await place.write('a', bytes)
    const mapped = place.map!('a')
    // Without the native addon there is no mapping, and reading serves.
    if (existsSync(nativePath)) expect(mapped).toEqual(bytes)
    expect(place.map!('b')).toBeUndefined()
    await place.write('empty', new Uint8Array())
    expect(place.map!('empty')).toBeUndefined()
  })
})
