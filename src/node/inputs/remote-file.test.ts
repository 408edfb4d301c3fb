import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../../../test/inputs/misbehaving-server.ts'
import { DataError } from '../../base/index.ts'
import type { UrlInput } from './input.ts'
import { NetworkError } from './network.ts'
import { RemoteFile } from './remote-file.ts'

const folder = await mkdtemp(join(tmpdir(), 'remote-'))
const server = await startServer()
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const blockBytes = 1000
const bytes = Uint8Array.from({ length: 10_500 }, (_, i) => (i * i * 31 + (i >> 3)) & 255)
const sha256 = createHash('sha256').update(bytes).digest('hex')
const tag = '"v1"'

let cache = ''
let waits: number[] = []
let tests = 0
beforeEach(() => {
  cache = join(folder, String(tests++))
  waits = []
  server.files.clear()
  server.files.set('/f', { bytes, etag: tag })
  server.plan.length = 0
  server.requests.length = 0
})

const input = (more: Partial<UrlInput> = {}): UrlInput => ({
  kind: 'url',
  name: 'f',
  source: 'f',
  url: `${server.url}/f`,
  size: bytes.length,
  version: tag,
  ...more,
})
const options = {
  blockBytes,
  sleep: async (ms: number) => {
    waits.push(ms)
  },
}
const open = (more: Partial<UrlInput> = {}, network = {}) =>
  RemoteFile.open(input(more), cache, { ...options, ...network })
const readAll = async (file: RemoteFile, start?: number, end?: number) =>
  Buffer.concat(await Array.fromAsync(file.chunks(start, end)))
const ranges = () => server.requests.map(({ range }) => range)

describe('reading', () => {
  it('loads the blocks that are read, once, also for the next one', async () => {
    const file = await open()
    expect(await file.read(999, 1001)).toEqual(bytes.slice(999, 1001))
    expect(ranges().sort()).toEqual(['bytes=0-999', 'bytes=1000-1999'])
    expect(await file.read(10_400, 99_999)).toEqual(bytes.slice(10_400))
    expect(ranges()[2]).toBe('bytes=10000-10499')
    await file.close()
    const next = await open()
    expect(await next.read(0, 2000)).toEqual(bytes.slice(0, 2000))
    expect(server.requests.length).toBe(3)
    expect(await readAll(next)).toEqual(Buffer.from(bytes))
    expect(server.requests.length).toBe(11)
    expect(await readAll(next, 1500, 3500)).toEqual(Buffer.from(bytes.slice(1500, 3500)))
    expect(await next.read(5, 5)).toEqual(new Uint8Array())
    expect(server.requests.length).toBe(11)
  })

  it('asks for a state and for bytes as they are', async () => {
    await (await open()).read(0, 1)
    expect(server.requests[0].headers).toMatchObject({ 'if-range': tag, 'accept-encoding': 'identity' })
  })

  it('loads one block for many readers at once', async () => {
    const file = await open()
    const parts = await Promise.all(Array.from({ length: 50 }, (_, i) => file.read(i, i + 1)))
    expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes.slice(0, 50)))
    expect(server.requests.length).toBe(1)
  })

  it('lets several fill one cache at once', async () => {
    const files = await Promise.all(Array.from({ length: 4 }, () => open({ sha256 })))
    const all = await Promise.all(files.map((file, i) => (i % 2 === 0 ? readAll(file) : file.read(0, file.size))))
    for (const each of all) expect(Buffer.from(each).equals(bytes)).toBe(true)
    expect((await readdir(join(cache, 'remote'))).length).toBe(1)
  })

  it('loads one block ahead', async () => {
    const file = await open()
    const chunks = file.chunks()
    await chunks.next()
    await expect.poll(() => server.requests.length).toBe(2)
    await chunks.return(undefined)
    await file.close()
    expect(server.requests.length).toBe(2)
  })

  it('stops at once when it is closed, though a server keeps it waiting', async () => {
    server.plan.push({ status: 503, headers: { 'retry-after': '60' }, body: '' })
    const file = await open({}, { sleep: undefined })
    const reading = expect(file.read(0, 1)).rejects.toThrow('was stopped')
    await expect.poll(() => server.requests.length).toBe(1)
    await file.close()
    await reading
  })
})

describe('a bad connection', () => {
  it('goes on with the missing byte after a cut', async () => {
    server.plan.push({ cutAfter: 300 }, { cutAfter: 0 })
    expect(await (await open()).read(0, 1000)).toEqual(bytes.slice(0, 1000))
    expect(ranges()).toEqual(['bytes=0-999', 'bytes=300-999', 'bytes=300-999'])
    // Half a second and one, shortened by up to a half.
    expect(waits.length).toBe(2)
    expect(waits[0]).toSatisfy((ms) => ms >= 250 && ms <= 500)
    expect(waits[1]).toSatisfy((ms) => ms >= 500 && ms <= 1000)
  })

  it('waits as it is asked to', async () => {
    const date = new Date('2026-01-01T00:00:00Z').toUTCString()
    const later = new Date('2026-01-01T00:00:09Z').toUTCString()
    server.plan.push({ status: 503, headers: { 'retry-after': '7' }, body: 'busy' })
    server.plan.push({ status: 429, headers: { 'retry-after': later, date }, body: 'busy' })
    expect(await (await open()).read(0, 3)).toEqual(bytes.slice(0, 3))
    expect(waits).toEqual([7000, 9000])
  })

  it('gives up with the address, the status and what to do', async () => {
    for (let i = 0; i < 3; i++) server.plan.push({ status: 502, body: 'bad gateway' })
    const file = await open({}, { retries: 2 })
    await expect(file.read(0, 3)).rejects.toThrow(
      `cannot read ${server.url}/f: the server answered 502, 3 times in a row; what was loaded is kept, so try again later`,
    )
    expect(waits.length).toBe(2)
    expect(await file.read(0, 3)).toEqual(bytes.slice(0, 3))
    server.plan.push({ status: 503, headers: { 'retry-after': '3600' }, body: '' })
    await expect(file.read(9000, 9001)).rejects.toThrow('asks to wait 3600 s')
  })

  it('does not repeat what will not pass', async () => {
    server.plan.push({ status: 403, headers: { 'x-error-message': 'Gated.' }, body: '' })
    await expect((await open()).read(0, 3)).rejects.toThrow(/answered 403 \("Gated\."\); .*HF_TOKEN/)
    server.files.clear()
    await expect((await open()).read(0, 3)).rejects.toThrow('answered 404; nothing is there')
    expect(waits).toEqual([])
  })

  it('gives up a connection that only drips', async () => {
    server.plan.push({ stallAfter: 10 })
    expect(await (await open({}, { stallMs: 100 })).read(0, 1000)).toEqual(bytes.slice(0, 1000))
    expect(ranges()).toEqual(['bytes=0-999', 'bytes=10-999'])
  })

  it('says what failed when nobody is there', async () => {
    const gone = await startServer()
    await gone.close()
    const file = await open({ url: `${gone.url}/f` }, { retries: 1 })
    await expect(file.read(0, 1)).rejects.toThrow('failed (ECONNREFUSED), 2 times in a row')
  })

  it('begins the count of failures again when much was loaded', async () => {
    const large = new Uint8Array(300_000).map((_, i) => i % 251)
    server.files.set('/f', { bytes: large, etag: tag })
    for (let i = 0; i < 2; i++) server.plan.push({ cutAfter: 70_000 })
    // A server may give less than was asked for, and fail in between.
    const short = { range: [140_000, 210_000], headers: { 'content-range': 'bytes 140000-209999/300000' } } as const
    server.plan.push(short, { status: 503, body: '' }, { cutAfter: 70_000 })
    const file = await open({ size: large.length }, { retries: 1, blockBytes: 300_000 })
    expect(await file.read(0, 300_000)).toEqual(large)
  })
})

describe('a server without ranges', () => {
  beforeEach(() => void server.files.set('/f', { bytes, etag: tag, ranges: false }))

  it('is read once, from the beginning', async () => {
    const file = await open()
    expect(await file.read(10_000, 10_500)).toEqual(bytes.slice(10_000))
    expect(await readAll(file)).toEqual(Buffer.from(bytes))
    expect(server.requests.length).toBe(1)
  })

  it('is begun again after a cut', async () => {
    server.plan.push({ cutAfter: 4500 }, { cutAfter: 2500 })
    const file = await open()
    expect(await readAll(file)).toEqual(Buffer.from(bytes))
    expect(server.requests.length).toBe(3)
    expect(server.requests[1].range).toBeUndefined()
  })

  it('fails clearly, and can be tried again', async () => {
    server.plan.push({ cutAfter: 1500 }, { status: 500, body: '' })
    const file = await open({}, { retries: 1 })
    await expect(file.read(5000, 5001)).rejects.toThrow('the server answered 500, 2 times in a row')
    expect(await readAll(file)).toEqual(Buffer.from(bytes))
  })

  it('may pack what it sends', async () => {
    server.files.set('/f', { bytes, etag: tag, ranges: false, gzip: true })
    expect(await readAll(await open())).toEqual(Buffer.from(bytes))
  })

  it('may pack a part, which is no part then', async () => {
    server.files.set('/f', { bytes, etag: tag, gzip: true })
    expect(await readAll(await open())).toEqual(Buffer.from(bytes))
  })

  it('refuses more or fewer bytes than were listed', async () => {
    server.files.set('/f', { bytes, etag: tag, ranges: false })
    await expect((await open({ size: 10_499 })).read(0, 1)).rejects.toThrow(
      'it has 10500 bytes now, and 10499 were listed',
    )
    server.files.set('/f', { bytes, etag: tag, ranges: false, chunked: true })
    await expect(readAll(await open({ size: 10_499 }))).rejects.toThrow('it has more bytes, and 10499 were listed')
    await expect(readAll(await open({ size: 10_501 }, { retries: 0 }))).rejects.toThrow(
      'it ended after 10500 of 10501 bytes',
    )
  })
})

describe('wrong answers', () => {
  it.each([
    [
      'another range',
      { range: [0, 1000], headers: { 'content-range': 'bytes 0-999/10500' } },
      /asked for bytes 1000-1999/,
    ],
    ['another length', { headers: { 'content-range': 'bytes 1000-1999/10600' } }, /answered "bytes 1000-1999\/10600"/],
    ['no range', { headers: { 'content-range': 'pages 1-2' } }, /answered "pages 1-2"/],
    ['too much', { range: [1000, 2500] }, /more bytes than it said/],
    ['nothing so far', { status: 416 }, /no byte 1000 any more/],
    ['an endless redirect', { status: 302, headers: { location: '/f' }, repeat: 20 }, /more than 10 redirects/],
    ['a redirect to a file', { status: 302, headers: { location: 'file:///etc/passwd' } }, /no web address/],
    ['no status', { status: 299 }, /answered 299/],
  ] as const)('of the server: %s', async (_, trouble, message) => {
    server.plan.push(...Array(('repeat' in trouble && trouble.repeat) || 1).fill(trouble))
    const failure = (await open()).read(1000, 1001)
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.toThrow(NetworkError)
    expect(waits).toEqual([])
  })

  it('that are too short are asked for again', async () => {
    server.plan.push({ range: [0, 400], headers: { 'content-range': 'bytes 0-399/10500' } })
    expect(await (await open()).read(0, 1000)).toEqual(bytes.slice(0, 1000))
    expect(ranges()).toEqual(['bytes=0-999', 'bytes=400-999'])
    server.plan.push(...Array(3).fill({ range: [0, 0], headers: { 'content-range': 'bytes 1000-1000/10500' } }))
    await expect((await open({}, { retries: 2 })).read(1000, 1001)).rejects.toThrow('0 of 1000 bytes, 3 times in a row')
  })
})

describe('a file that changes', () => {
  const other = Uint8Array.from(bytes, (byte) => byte ^ 1)

  it('is an error, and versions are not mixed', async () => {
    const file = await open()
    await file.read(0, 1)
    server.files.set('/f', { bytes: other, etag: '"v2"' })
    await expect(file.read(2000, 2001)).rejects.toThrow(/changed since it was listed: it was "v1", now it is "v2"/)
    const next = await open({ version: '"v2"' })
    expect(await next.read(0, 3000)).toEqual(other.slice(0, 3000))
    // What was kept of the first version is gone.
    expect((await readdir(join(cache, 'remote'))).length).toBe(1)
  })

  it('is found by its date, and by a weak tag, too', async () => {
    for (const [version, state, now] of [
      ['W/"v1"', { etag: 'W/"v1"' }, { etag: 'W/"v2"' }],
      [
        'Thu, 01 Jan 2026 00:00:00 GMT',
        { modified: 'Thu, 01 Jan 2026 00:00:00 GMT' },
        { modified: 'Fri, 02 Jan 2026 00:00:00 GMT' },
      ],
    ] as const) {
      server.files.set('/f', { bytes, ...state })
      const file = await open({ version })
      expect(await file.read(0, 1)).toEqual(bytes.slice(0, 1))
      server.files.set('/f', { bytes: other, ...now })
      await expect(file.read(2000, 2001)).rejects.toThrow('changed since it was listed')
    }
  })

  it('between two answers about one block gives no mixture', async () => {
    server.plan.push({
      cutAfter: 300,
      meanwhile: () => setTimeout(() => server.files.set('/f', { bytes: other, etag: '"v2"' }), 2),
    })
    await expect((await open()).read(0, 1000)).rejects.toThrow('changed since it was listed')
  })
})

describe('a known hash', () => {
  it('is held against the whole before the last part is given out', async () => {
    const file = await open({ sha256 })
    expect(await readAll(file)).toEqual(Buffer.from(bytes))
    const wrong = await open({ sha256: sha256.replace(/^./, (c) => (c === '0' ? '1' : '0')) })
    const read: Uint8Array[] = []
    const failure = (async () => {
      for await (const chunk of wrong.chunks()) read.push(chunk)
    })()
    await expect(failure).rejects.toThrow(DataError)
    await expect(failure).rejects.toThrow(new RegExp(`hash to ${sha256}, and [0-9a-f]{64} was expected`))
    expect(Buffer.concat(read).length).toBeLessThan(bytes.length)
    await expect(wrong.read(0, 1)).rejects.toThrow(DataError)
    expect((await readdir(join(cache, 'remote'))).length).toBe(1)
  })

  it('of a Git blob is held against it too', async () => {
    // git hash-object of `hello\n`.
    const version = 'git:ce013625030ba8dba906f756967f9e9ca394464a'
    server.files.set('/f', { bytes: Buffer.from('hello\n') })
    expect(String(await readAll(await open({ version, size: 6 })))).toBe('hello\n')
    server.files.set('/f', { bytes: Buffer.from('hallo\n') })
    cache += '-other'
    await expect(readAll(await open({ version, size: 6 }))).rejects.toThrow(
      'ce013625030ba8dba906f756967f9e9ca394464a was expected',
    )
  })

  it('that was not checked when a run was killed is checked by the next', async () => {
    await readAll(await open({ sha256 }))
    const [name] = await readdir(join(cache, 'remote'))
    await rm(join(cache, 'remote', name, 'file.json'))
    await writeFile(join(cache, 'remote', name, '3.block'), new Uint8Array(blockBytes))
    await expect((await open({ sha256 })).read(0, 1)).rejects.toThrow('was expected')
    expect(await readAll(await open({ sha256 }))).toEqual(Buffer.from(bytes))
  })

  it('which the hub gives beside a redirect is another one: an error at once', async () => {
    server.plan.push({ status: 302, headers: { location: '/f', 'x-linked-etag': `"${'0'.repeat(64)}"` }, body: '' })
    await expect((await open({ sha256 })).read(0, 1)).rejects.toThrow(`it was ${sha256}, now it is 000`)
  })
})

describe('redirects', () => {
  it('are followed once, then the place is asked directly', async () => {
    server.plan.push({ status: 302, headers: { location: `${server.otherUrl}/g?signed` }, body: '' })
    server.files.set('/g?signed', { bytes, etag: tag })
    const file = await open()
    await file.read(0, 1)
    await file.read(1000, 1001)
    expect(server.requests.map(({ path }) => path)).toEqual(['/f', '/g?signed', '/g?signed'])
    // The signed address has had its time.
    server.plan.push({ status: 403, body: '' })
    expect(await file.read(2000, 2001)).toEqual(bytes.slice(2000, 2001))
    expect(server.requests.map(({ path }) => path).slice(3)).toEqual(['/g?signed', '/f'])
  })

  it('take the token to no other host', async () => {
    server.plan.push({ status: 302, headers: { location: `${server.otherUrl}/f` }, body: '' })
    const environment = { HF_ENDPOINT: server.url, HF_TOKEN: 'secret' }
    await (await open({}, { environment })).read(0, 1)
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined])
    expect(JSON.stringify(server.requests[1].headers)).not.toContain('secret')
  })
})
