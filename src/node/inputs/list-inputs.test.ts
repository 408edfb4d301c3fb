import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, open, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../../../test/inputs/misbehaving-server.ts'
import { ConfigError, DataError } from '../../base/index.ts'
import { FileError } from '../files.ts'
import { fingerprint } from './fingerprint.ts'
import type { Input } from './input.ts'
import { listInputs } from './list-inputs.ts'
import { openInput } from './open-input.ts'

const root = await mkdtemp(join(tmpdir(), 'inputs-'))
const cacheFolder = join(root, 'cache')
const server = await startServer()
const before = process.cwd()
/** Root may read everything. */
const isRoot = process.getuid?.() === 0
let work = ''
let tests = 0

beforeEach(async () => {
  work = join(root, String(tests++))
  await mkdir(work)
  process.chdir(work)
  server.files.clear()
  server.plan.length = 0
  server.requests.length = 0
})
afterEach(() => process.chdir(before))
afterAll(async () => {
  await server.close()
  await rm(root, { recursive: true })
})

const sha256Of = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function write(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `text of ${path}`)
  }
}

const options = { cacheFolder, sleep: async () => {} }
const list = (...names: string[]) => listInputs(names, options)
const names = async (...given: string[]) => (await list(...given)).inputs.map(({ name }) => name)

async function textOf(input: Input): Promise<string> {
  await using file = await openInput(input, options)
  return new TextDecoder().decode(await file.read(0, file.size))
}

describe('files and folders', () => {
  it('are walked in the order of names; what is hidden is left out unless it is named', async () => {
    await write('d/b.txt', 'd/a/z.txt', 'd/a.md', 'd/.git/x', 'd/.env', 'd/node_modules/p/README.md', '.hidden/y')
    const { inputs, report } = await list('d', '.hidden/y')
    expect(inputs.map(({ name }) => name)).toEqual(['d/a/z.txt', 'd/a.md', 'd/b.txt', '.hidden/y'])
    expect(inputs.map(({ source }) => source)).toEqual(['d', 'd', 'd', '.hidden/y'])
    expect(await textOf(inputs[0])).toBe('text of d/a/z.txt')
    expect(report.out).toEqual({ documents: 4, bytes: inputs.reduce((sum, { size }) => sum + size, 0) })
    expect(report.dropped.hidden.examples.map(({ id }) => id)).toEqual(['d/.env', 'd/.git'])
    expect(report.dropped['left out'].examples.map(({ id }) => id)).toEqual(['d/node_modules'])
    expect(report.in.documents).toBe(7)
  })

  it('have the source that is given before them', async () => {
    await write('dump.txt', 'a=b.txt')
    const { inputs } = await list('wiki=dump.txt', 'a=b.txt')
    expect(inputs.map(({ name, source }) => [name, source])).toEqual([
      ['dump.txt', 'wiki'],
      ['a=b.txt', 'a=b.txt'],
    ])
  })

  it('are read once, and counted when they are named twice', async () => {
    await write('d/a.txt')
    const { inputs, report } = await list('d', './d/a.txt', 'x=d/a.txt')
    expect(inputs.length).toBe(1)
    expect(report.dropped['named twice'].documents).toBe(2)
  })

  it('behind links are files; folders behind links are not walked', async () => {
    await write('d/a.txt', 'other/b.txt')
    await symlink('../d', 'd/circle')
    await symlink('../other/b.txt', 'd/b.txt')
    await symlink('nowhere', 'd/broken')
    const { inputs, report } = await list('d')
    expect(inputs.map(({ name }) => name)).toEqual(['d/a.txt', 'd/b.txt'])
    expect(report.dropped['not a file'].documents).toBe(1)
    expect(report.dropped.unreadable.examples[0].why).toContain('does not exist')
    expect(await textOf(inputs[1])).toBe('text of other/b.txt')
  })

  it.skipIf(isRoot)(
    'that cannot be read are counted, or an error when named (a user other than root is needed)',
    async () => {
      await write('d/a.txt', 'd/b.txt')
      await chmod('d/b.txt', 0)
      expect((await list('d')).report.dropped.unreadable.documents).toBe(1)
      await expect(list('d/b.txt')).rejects.toThrow(FileError)
    },
  )

  it('that are not there, or hold nothing, are errors', async () => {
    await mkdir('empty')
    await expect(list('nothing')).rejects.toThrow('nothing does not exist')
    await expect(list('nothing')).rejects.toThrow(DataError)
    await expect(list('empty')).rejects.toThrow('nothing to read in empty (found only: 1 nothing in it)')
    await expect(list()).rejects.toThrow('nothing to read in no names')
    await expect(list('')).rejects.toThrow(ConfigError)
    await expect(list('/dev/null')).rejects.toThrow('is a device')
    await expect(list('ftp://a/b')).rejects.toThrow('ftp:// cannot be read')
    await expect(list('preset:brown')).rejects.toThrow('there is preset:node_modules')
    await expect(list('https://me:secret@a/b')).rejects.toThrow(/^a: an address with a password/)
  })
})

describe('globs', () => {
  it('match files in the order of a walk', async () => {
    await write(
      'd/b.jsonl',
      'd/a/z.jsonl',
      'd/a/é.jsonl',
      'd/c.txt',
      'd/.h/x.jsonl',
      'd/node_modules/x.jsonl',
      'e/q.jsonl',
    )
    expect(await names('d/**/*.jsonl')).toEqual(['d/a/z.jsonl', 'd/a/é.jsonl', 'd/b.jsonl'])
    expect((await list('d/**/*.jsonl')).report.dropped['left out'].documents).toBe(1)
    expect(await names('{d,e}/*.jsonl')).toEqual(['d/b.jsonl', 'e/q.jsonl'])
    expect(await names('d/node_modules/*')).toEqual(['d/node_modules/x.jsonl'])
    expect(await names('d/.h/*')).toEqual(['d/.h/x.jsonl'])
    expect(await names('?')).toEqual(['d/a/z.jsonl', 'd/a/é.jsonl', 'd/b.jsonl', 'd/c.txt', 'e/q.jsonl'])
    await expect(list('d/*.csv')).rejects.toThrow('d/*.csv matches no file')
  })

  it('are names where a file is called so', async () => {
    await write('a[1].txt', 'a1.txt')
    expect(await names('a[1].txt')).toEqual(['a[1].txt'])
  })
})

describe('what can be read only once', () => {
  it('standard input is kept under its hash', async () => {
    const stdin = Readable.from([Buffer.from('сәлем '), Buffer.from('world')])
    const { inputs } = await listInputs(['talk=-'], { ...options, stdin })
    const sha256 = sha256Of('сәлем world')
    expect(inputs).toEqual([{ kind: 'spooled', name: '-', source: 'talk', size: 16, sha256 }])
    expect(await textOf(JSON.parse(JSON.stringify(inputs[0])))).toBe('сәлем world')
    await rm(join(cacheFolder, 'spool', sha256))
    await expect(openInput(inputs[0], options)).rejects.toThrow('give it again')
    await expect(list('-', 'x=-')).rejects.toThrow('named twice')
  })

  it('what was left half long ago is removed, what is being written is not', async () => {
    const spoolFolder = join(cacheFolder, 'spool')
    await write(
      join(spoolFolder, '.coming-1-0.1-0.tmp'),
      join(spoolFolder, 'coming-1-1'),
      join(spoolFolder, '.coming-2-0.2-0.tmp'),
    )
    await utimes(join(spoolFolder, '.coming-1-0.1-0.tmp'), 1, 1)
    await utimes(join(spoolFolder, 'coming-1-1'), 1, 1)
    await listInputs(['-'], { ...options, stdin: Readable.from([Buffer.from('x')]) })
    const coming = (await readdir(spoolFolder)).filter((name) => name.includes('coming'))
    expect(coming).toEqual(['.coming-2-0.2-0.tmp'])
    await rm(spoolFolder, { recursive: true })
  })

  it('and so is a pipe', async () => {
    execFileSync('mkfifo', ['pipe'])
    const writing = open('pipe', 'w').then(async (handle) => {
      await handle.write('through the pipe')
      await handle.close()
    })
    const { inputs } = await list('pipe')
    await writing
    expect(await textOf(inputs[0])).toBe('through the pipe')
  })
})

describe('packages', () => {
  it('give what they say to people, in order, each once, from the nearest node_modules', async () => {
    await write(
      'node_modules/b/README.md',
      'node_modules/b/dist/index.d.ts',
      'node_modules/b/dist/index.js',
      'node_modules/b/docs/guide.txt',
      'node_modules/b/notes.txt',
      'node_modules/@s/a/readme',
      'node_modules/@s/a/node_modules/c/src/c.mts',
      'node_modules/.pnpm/d@1/node_modules/d/README.md',
      'node_modules/.cache/x.md',
      'workspace/README.md',
      'deep/er/file.txt',
    )
    await symlink('.pnpm/d@1/node_modules/d', 'node_modules/d')
    await symlink('../workspace', 'node_modules/w')
    await symlink('..', 'node_modules/b/circle')
    await symlink('README.md', 'node_modules/b/A.md')
    await symlink('../../workspace/README.md', 'node_modules/b/B.md')
    const expected = [
      'node_modules/.pnpm/d@1/node_modules/d/README.md',
      'node_modules/@s/a/node_modules/c/src/c.mts',
      'node_modules/@s/a/readme',
      'node_modules/b/A.md',
      'node_modules/b/dist/index.d.ts',
      'node_modules/b/docs/guide.txt',
    ]
    const { inputs, report } = await list('node_modules')
    expect(inputs.map(({ name }) => name)).toEqual(expected)
    expect(report.dropped.linked.examples.map(({ id }) => id)).toEqual(['node_modules/b/B.md', 'node_modules/w'])
    process.chdir('deep/er')
    expect(await names('preset:node_modules')).toEqual(expected.map((name) => `../../${name}`))
  })

  it('are missing where there are none', async () => {
    await mkdir('node_modules')
    await expect(list('node_modules')).rejects.toThrow('holds no README')
  })
})

describe('addresses', () => {
  const bytes = Buffer.from('{"text":"a"}\n{"text":"b"}\n')

  it('are asked for size and version only', async () => {
    server.files.set('/x.jsonl?a=b', { bytes, etag: '"1"' })
    const url = `${server.url}/x.jsonl?a=b`
    const { inputs } = await list(url)
    expect(inputs).toEqual([{ kind: 'url', name: url, source: url, url, size: bytes.length, version: '"1"' }])
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=0-0'])
    expect(await textOf(JSON.parse(JSON.stringify(inputs[0])))).toBe(String(bytes))
  })

  it('of servers without ranges, of empty files, with a date', async () => {
    const modified = 'Thu, 01 Jan 2026 00:00:00 GMT'
    server.files.set('/plain', { bytes, modified, ranges: false })
    server.files.set('/empty', { bytes: new Uint8Array(), etag: '"0"' })
    const { inputs } = await list(`${server.url}/plain`, `${server.url}/empty`)
    expect(inputs[0]).toMatchObject({ kind: 'url', size: bytes.length, version: modified })
    expect(inputs[1]).toMatchObject({ kind: 'url', size: 0, version: '"0"' })
    expect(await Promise.all(inputs.map(textOf))).toEqual([String(bytes), ''])
  })

  it.each([
    ['no version', {}],
    ['no length', { etag: '"1"', ranges: false, chunked: true }],
    ['packed bytes', { etag: '"1"', gzip: true }],
  ])('with %s are loaded when they are listed', async (_, served) => {
    server.files.set('/x', { bytes, ...served })
    const { inputs } = await list(`${server.url}/x`)
    expect(inputs[0]).toMatchObject({ kind: 'spooled', size: bytes.length, sha256: sha256Of(bytes) })
    const asked = server.requests.length
    expect(await textOf(inputs[0])).toBe(String(bytes))
    expect(server.requests.length).toBe(asked)
    // Whoever empties the cache gets the same again, or an error.
    await rm(join(cacheFolder, 'spool'), { recursive: true })
    expect(await textOf(inputs[0])).toBe(String(bytes))
    await rm(join(cacheFolder, 'spool'), { recursive: true })
    server.files.set('/x', { bytes: Buffer.from('other'), ...served })
    await expect(textOf(inputs[0])).rejects.toThrow(`and ${sha256Of(bytes)} was expected`)
  })

  it('keep bytes that are gzip themselves', async () => {
    const packed = Uint8Array.from([0x1f, 0x8b, 8, 0])
    server.files.set('/x.gz', { bytes: packed, etag: '"1"', headers: { 'content-encoding': 'gzip' } })
    const { inputs } = await list(`${server.url}/x.gz`)
    await using file = await openInput(inputs[0], options)
    expect(await file.read(0, 10)).toEqual(packed)
  })

  it('can be pinned by a hash, and then need no network twice', async () => {
    server.files.set('/p', { bytes, etag: '"1"' })
    const pinned = `p=${server.url}/p#sha256=${sha256Of(bytes).toUpperCase()}`
    const first = await list(pinned)
    expect(await textOf(first.inputs[0])).toBe(String(bytes))
    server.files.clear()
    const second = await list(pinned)
    expect(second.inputs).toEqual(first.inputs)
    expect(await textOf(second.inputs[0])).toBe(String(bytes))
    server.files.set('/q', { bytes, etag: '"1"' })
    const wrong = await list(`${server.url}/q#sha256=${sha256Of('other')}`)
    await expect(textOf(wrong.inputs[0])).rejects.toThrow(`hash to ${sha256Of(bytes)}, and ${sha256Of('other')}`)
    await expect(list(`${server.url}/q#sha256=123`)).rejects.toThrow('64 hexadecimal digits, here are 3')
  })

  it('take over the hash that a hub gives', async () => {
    server.plan.push({ status: 302, headers: { location: '/blob', 'x-linked-etag': `"${sha256Of(bytes)}"` }, body: '' })
    server.files.set('/blob', { bytes, etag: '"cdn"' })
    const { inputs } = await list(`${server.url}/resolve`)
    expect(inputs[0]).toMatchObject({ sha256: sha256Of(bytes), version: `sha256:${sha256Of(bytes)}` })
  })

  it('that are not there are errors at once; trouble that passes is waited for', async () => {
    await expect(list(`${server.url}/no`)).rejects.toThrow('answered 404; nothing is there')
    server.files.set('/x', { bytes, etag: '"1"' })
    server.plan.push({ status: 503, body: '' }, { cutAfter: 0 })
    expect((await list(`${server.url}/x`)).inputs.length).toBe(1)
  })
})

describe('fingerprint', () => {
  it('is the same until a file changes', async () => {
    await write('d/a.txt', 'd/b.txt')
    const now = fingerprint((await list('d')).inputs)
    expect(fingerprint((await list('s=d')).inputs)).toBe(now)
    await utimes('d/b.txt', 1, 1)
    const later = fingerprint((await list('d')).inputs)
    expect(later).not.toBe(now)
    await writeFile('d/b.txt', 'longer than it was before')
    await utimes('d/b.txt', 1, 1)
    expect(fingerprint((await list('d')).inputs)).not.toBe(later)
    const url = { kind: 'url', name: 'u', source: 'u', url: 'http://u', size: 1, version: '"1"' } as const
    expect(fingerprint([url])).not.toBe(fingerprint([{ ...url, version: '"2"' }]))
  })
})
