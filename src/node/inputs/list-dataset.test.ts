import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../../../test/inputs/misbehaving-server.ts'
import { listInputs } from './list-inputs.ts'
import { openInput } from './open-input.ts'

const cacheFolder = await mkdtemp(join(tmpdir(), 'hub-'))
const server = await startServer()
const storage = await startServer()
afterAll(async () => {
  await server.close()
  await storage.close()
  await rm(cacheFolder, { recursive: true })
})

const commit = 'c'.repeat(40)
const pageSize = 2
const api = '/api/datasets/kz/news'
const environment = { HF_ENDPOINT: `${server.url}/`, HF_TOKEN: 'secret' }
const options = { cacheFolder, environment, sleep: async () => {} }

const contents: Readonly<Record<string, string>> = {
  '.gitattributes': '*.parquet lfs',
  'README.md': 'card',
  'data/train-0.jsonl': '{"text":"a"}',
  'data/train-1.jsonl': '{"text":"b"}',
  'data/deep/қазақ #1.jsonl': '{"text":"c"}',
  'data/.hidden.jsonl': '{}',
  'test[1].csv': 'text\nd\n',
}
/** These lie in Git LFS, on another host. */
const large = new Set(['data/train-0.jsonl'])

const hashOf = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')
const blobOf = (text: string) => hashOf('sha1', `blob ${Buffer.byteLength(text)}\0${text}`)
const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/')

function entryOf(path: string): unknown {
  const text = contents[path]
  const size = Buffer.byteLength(text)
  if (!large.has(path)) return { type: 'file', path, size, oid: blobOf(text) }
  return {
    type: 'file',
    path,
    size,
    oid: blobOf('pointer'),
    lfs: { oid: hashOf('sha256', text), size, pointerSize: 130 },
  }
}

/** Answers like the hub: a folder at a time or all below it, two entries on a page, and a link to the next. */
function serveTree(folder: string, isDeep: boolean): void {
  const below = Object.keys(contents).filter((path) => folder === '' || path.startsWith(`${folder}/`))
  const rest = (path: string) => path.slice(folder === '' ? 0 : folder.length + 1)
  const folders = new Set(below.filter((path) => rest(path).includes('/')).map((path) => rest(path).split('/')[0]))
  const entries: unknown[] = [...folders].map((name) => ({
    type: 'directory',
    path: name,
    size: 0,
    oid: 'd'.repeat(40),
  }))
  entries.push(...below.filter((path) => isDeep || !rest(path).includes('/')).map(entryOf))
  const base = `${api}/tree/${commit}${folder && `/${encode(folder)}`}?recursive=${isDeep}&expand=false`
  for (let page = 0; page * pageSize < Math.max(1, entries.length); page++) {
    const next = `${server.url}${base}&cursor=${page + 1}`
    const more = (page + 1) * pageSize < entries.length
    server.files.set(page === 0 ? base : `${base}&cursor=${page}`, {
      bytes: Buffer.from(JSON.stringify(entries.slice(page * pageSize, (page + 1) * pageSize))),
      headers: more ? { link: `<${next}>; rel="next"` } : {},
    })
  }
}

beforeEach(() => {
  server.files.clear()
  server.plan.length = 0
  server.requests.length = 0
  storage.requests.length = 0
  for (const revision of ['main', 'v1', 'refs%2Fconvert%2Fparquet']) {
    server.files.set(`${api}/revision/${revision}`, { bytes: Buffer.from(JSON.stringify({ sha: commit })) })
  }
  for (const folder of ['', 'data', 'data/deep']) {
    serveTree(folder, true)
    serveTree(folder, false)
  }
  for (const [path, text] of Object.entries(contents)) {
    const bytes = Buffer.from(text)
    const address = `/datasets/kz/news/resolve/${commit}/${encode(path)}`
    server.files.set(address, { bytes, etag: `"${blobOf(text)}"` })
    if (large.has(path)) storage.files.set(`/blobs/${blobOf(text)}?signed`, { bytes, etag: '"storage"' })
  }
})

const list = (...names: string[]) => listInputs(names, options)
const names = async (...given: string[]) => (await list(...given)).inputs.map(({ name }) => name)

describe('hf://datasets', () => {
  it('lists all pages, in order, without card and hidden files, at one commit', async () => {
    const { inputs, report } = await list('hf://datasets/kz/news')
    expect(inputs.map(({ name }) => name.replace('hf://datasets/kz/news/', ''))).toEqual([
      'data/deep/қазақ #1.jsonl',
      'data/train-0.jsonl',
      'data/train-1.jsonl',
      'test[1].csv',
    ])
    expect(new Set(inputs.map(({ source }) => source))).toEqual(new Set(['hf://datasets/kz/news']))
    expect(inputs[0]).toMatchObject({
      url: `${server.url}/datasets/kz/news/resolve/${commit}/data/deep/${encodeURIComponent('қазақ #1.jsonl')}`,
      version: `git:${blobOf('{"text":"c"}')}`,
    })
    expect(inputs[1]).toMatchObject({ sha256: hashOf('sha256', '{"text":"a"}') })
    expect(report.dropped['left out'].documents).toBe(1)
    expect(report.dropped.hidden.documents).toBe(2)
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer secret']))
  })

  it.each([
    ['hf://datasets/kz/news/data', ['data/deep/қазақ #1.jsonl', 'data/train-0.jsonl', 'data/train-1.jsonl']],
    ['hf://datasets/kz/news/data/*.jsonl', ['data/train-0.jsonl', 'data/train-1.jsonl']],
    ['hf://datasets/kz/news/**/*[1c].*', ['data/deep/қазақ #1.jsonl', 'data/train-1.jsonl']],
    ['hf://datasets/kz/news/*/train-{0,7}.jsonl', ['data/train-0.jsonl']],
    ['hf://datasets/kz/news/README.md', ['README.md']],
    [`${server.url}/datasets/kz/news/blob/main/data/train-1.jsonl`, ['data/train-1.jsonl']],
    ['https://huggingface.co/datasets/kz/news/resolve/v1/test%5B1%5D.csv?download=true', ['test[1].csv']],
    ['https://huggingface.co/datasets/kz/news/tree/refs%2Fconvert%2Fparquet/data/deep', ['data/deep/қазақ #1.jsonl']],
    ['hf://datasets/kz/news@~parquet/data/deep', ['data/deep/қазақ #1.jsonl']],
    ['hf://datasets/kz/news@refs/convert/parquet/data/deep', ['data/deep/қазақ #1.jsonl']],
  ])('understands %s', async (name, expected) => {
    expect(
      (await names(name)).map((each) => each.replace(/^hf:\/\/datasets\/kz\/news(@(refs\/convert\/)?\w+)?\//, '')),
    ).toEqual(expected)
  })

  it('reads and checks the bytes; the token stays with the hub', async () => {
    const { inputs } = await list('hf://datasets/kz/news/data/train-?.jsonl')
    server.requests.length = 0
    const blob = `${storage.url}/blobs/${blobOf(contents['data/train-0.jsonl'])}?signed`
    server.plan.push({
      status: 302,
      body: '',
      headers: { location: blob, 'x-linked-etag': `"${hashOf('sha256', '{"text":"a"}')}"` },
    })
    for (const input of inputs) {
      await using file = await openInput(input, options)
      expect(Buffer.from(await file.read(0, file.size)).toString()).toBe(contents[input.name.slice(22)])
    }
    expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true)
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  it('notices bytes that are not those of the hub', async () => {
    const { inputs } = await list('hf://datasets/kz/news/test*')
    server.files.set(new URL((inputs[0] as { url: string }).url).pathname, { bytes: Buffer.from('text\nX\n') })
    await using file = await openInput(inputs[0], options)
    await expect(file.read(0, 7)).rejects.toThrow(`${blobOf(contents['test[1].csv'])} was expected`)
  })

  it('checks a pinned hash against the hub’s', async () => {
    const right = hashOf('sha256', contents['data/train-0.jsonl'])
    const base = `${server.url}/datasets/kz/news/resolve/main/data/train-0.jsonl`
    expect((await list(`${base}#sha256=${right}`)).inputs[0]).toMatchObject({ sha256: right })
    await expect(list(`${base}#sha256=${'0'.repeat(64)}`)).rejects.toThrow(`its sha256 is ${right}, and 000`)
    await expect(list(`hf://datasets/kz/news#sha256=${right}`)).rejects.toThrow('matches 7 files')
  })

  it.each([
    ['hf://datasets/kz/news/none.csv', /tree\/c{40}\/none\.csv.* answered 404; nothing is there/],
    ['hf://datasets/kz/news/*.xml', /\*\.xml matches no file of the dataset/],
    ['hf://datasets/kz/other', /revision\/main: the server answered 404/],
    ['hf://datasets/news', /names no files of a dataset; write hf:\/\/datasets\/OWNER\/NAME/],
    ['hf://datasets/kz/news/../../models', /names no files of a dataset/],
    ['hf://models/kz/news', /names no files of a dataset/],
    ['hf://datasets/kz/news@%E0%A4%A', /names no files of a dataset/],
    ['https://huggingface.co/datasets/kz/news/viewer/default', /names no files of a dataset/],
  ])('refuses %s', async (name, message) => {
    await expect(list(name)).rejects.toThrow(message)
  })

  it.each([
    [
      'a path that leads out',
      '[{"type":"file","path":"../x","size":1,"oid":"' + 'a'.repeat(40) + '"}]',
      {},
      /path, size or oid is wrong/,
    ],
    [
      'a size that is none',
      '[{"type":"file","path":"x","size":-1,"oid":"' + 'a'.repeat(40) + '"}]',
      {},
      /path, size or oid is wrong/,
    ],
    ['no list', '{}', {}, /gives no list of files/],
    ['no JSON', '<html>', {}, /gives no JSON/],
    ['another host', '[]', { link: '<http://evil.invalid/>; rel="next"' }, /which is another host/],
    ['a circle', '[]', { link: '<?recursive=true&expand=false>; rel="next"' }, /comes twice/],
  ])('refuses a list with %s', async (_, body, headers, message) => {
    server.files.set(`${api}/tree/${commit}?recursive=true&expand=false`, { bytes: Buffer.from(body), headers })
    await expect(list('hf://datasets/kz/news')).rejects.toThrow(message)
  })

  it('refuses an endpoint that is no address', async () => {
    const wrong = { ...options, environment: { HF_ENDPOINT: 'hub' } }
    await expect(listInputs(['hf://datasets/kz/news'], wrong)).rejects.toThrow('HF_ENDPOINT is "hub"')
  })
})
