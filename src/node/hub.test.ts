import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../../test/inputs/misbehaving-server.ts'
import { downloadModel, type HubProgress, parseHubName } from './hub.ts'

const cacheFolder = mkdtempSync(join(tmpdir(), 'alippe-hub-'))
const server = await startServer()
const storage = await startServer()
afterAll(async () => {
  await server.close()
  await storage.close()
  rmSync(cacheFolder, { recursive: true })
})

const commit = 'a'.repeat(40)
const model = 'kz/bala'
const environment = { HF_ENDPOINT: server.url, HF_TOKEN: 'secret' }
const options = { cacheFolder, environment, sleep: async () => {}, pieceBytes: 1000 }
const folder = join(cacheFolder, 'models', 'kz--bala', commit)

const weights = Uint8Array.from({ length: 5500 }, (_, i) => (i * i) % 251)
const contents: Readonly<Record<string, Uint8Array>> = {
  'README.md': Buffer.from('card'),
  'config.json': Buffer.from('{"model_type":"llama"}'),
  'model.safetensors': weights,
  'pytorch_model.bin': weights,
  'model-q8_0.gguf': weights.slice(0, 3000),
}
const hash = (algorithm: string, bytes: Uint8Array, head = '') =>
  createHash(algorithm).update(head).update(bytes).digest('hex')
const json = (value: unknown) => ({ bytes: Buffer.from(JSON.stringify(value)) })
const isLarge = (path: string) => /\.(safetensors|gguf|bin)$/.test(path)

/** As the hub answers: small files are blobs of Git, large ones lie in storage and have their hash. */
function serve(change: Partial<Record<string, { size?: number; bytes?: Uint8Array }>> = {}): void {
  server.files.clear()
  server.plan.length = 0
  server.requests.length = 0
  storage.plan.length = 0
  storage.requests.length = 0
  server.files.set(`/api/models/${model}/revision/main`, json({ sha: commit }))
  const entries = Object.entries(contents).map(([path, bytes]) => {
    const size = change[path]?.size ?? bytes.length
    const oid = hash('sha1', bytes, `blob ${bytes.length}\0`)
    return { type: 'file', path, size, oid, ...(isLarge(path) && { lfs: { oid: hash('sha256', bytes) } }) }
  })
  server.files.set(`/api/models/${model}/tree/${commit}?recursive=false&expand=false`, json(entries))
  for (const [path, bytes] of Object.entries(contents)) {
    server.files.set(`/${model}/resolve/${commit}/${path}`, { bytes: change[path]?.bytes ?? bytes })
  }
}

beforeEach(() => {
  rmSync(join(cacheFolder, 'models'), { recursive: true, force: true })
  serve()
})

describe('a model of the hub', () => {
  it.each([
    ['hub:kz/bala', { model }],
    ['hub:kz/bala@v1.0', { model, revision: 'v1.0' }],
    ['hub:kz/bala@refs/pr/1:a/b.gguf', { model, revision: 'refs/pr/1', file: 'a/b.gguf' }],
    ['runs/x', undefined],
  ])('has a name: %s', (name, expected) => {
    expect(parseHubName(name)).toEqual(expected)
  })

  it.each([
    'hub:bala',
    'hub:kz/bala:../x',
    'hub:../bala',
    'hub:kz/bala@a/../b',
    'hub:kz/bala:/etc/x',
    'hub:kz/bala:',
  ])('is not called %s', (name) => expect(() => parseHubName(name)).toThrow(/names no model of the hub/))

  it('comes with what a folder needs, and once', async () => {
    const seen: HubProgress[] = []
    expect(await downloadModel({ model }, { ...options, onProgress: (progress) => seen.push(progress) })).toBe(folder)
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors'])
    expect(new Uint8Array(readFileSync(join(folder, 'model.safetensors')))).toEqual(weights)
    expect(seen.at(-1)).toEqual({ file: 'model.safetensors', doneBytes: 5500, totalBytes: 5500 })
    expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true)
    server.requests.length = 0
    await downloadModel({ model }, options)
    expect(server.requests.map(({ path }) => path).filter((path) => path.includes('resolve'))).toEqual([])
  })

  it('may be one file', async () => {
    const path = await downloadModel({ model, revision: commit, file: 'model-q8_0.gguf' }, options)
    expect(readFileSync(path)).toHaveLength(3000)
    await expect(downloadModel({ model, file: 'x.gguf' }, options)).rejects.toThrow(
      /has no x\.gguf; there are README\.md/,
    )
  })

  it('goes on where the connection broke, and after a kill', async () => {
    const path = `/${model}/resolve/${commit}/model.safetensors`
    const cut = { cutAfter: 300 }
    // Two answers for the hub's lists, one for config.json, then the weights: the second piece breaks for good.
    server.plan.push(undefined, undefined, undefined, undefined, ...Array(8).fill(cut))
    await expect(downloadModel({ model }, { ...options, retries: 1 })).rejects.toThrow(
      /in a row; what was loaded is kept/,
    )
    expect(statSync(join(folder, 'model.safetensors.part')).size).toBe(1000)
    server.plan.length = 0
    server.requests.length = 0
    await downloadModel({ model }, options)
    const asked = server.requests.filter((each) => each.path === path).map(({ range }) => range)
    expect(asked[0]).toBe('bytes=1000-1999')
    expect(new Uint8Array(readFileSync(join(folder, 'model.safetensors')))).toEqual(weights)
  })

  it('may come whole where no parts are given', async () => {
    server.files.set(`/${model}/resolve/${commit}/model.safetensors`, { bytes: weights, ranges: false })
    await downloadModel({ model }, options)
    expect(new Uint8Array(readFileSync(join(folder, 'model.safetensors')))).toEqual(weights)
  })

  it('is not taken when its bytes are others', async () => {
    const other = weights.slice()
    other[5499] ^= 1
    serve({ 'model.safetensors': { bytes: other } })
    await expect(downloadModel({ model }, options)).rejects.toThrow(
      /its bytes hash to .* was expected; they were removed/,
    )
    expect(readdirSync(folder)).toEqual(['config.json'])
    serve({ 'config.json': { bytes: Buffer.from('{"model_type":"gpt-2"}') } })
    rmSync(folder, { recursive: true })
    await expect(downloadModel({ model }, options)).rejects.toThrow(/config\.json: its bytes hash to/)
  })

  it.each([
    ['too long', 6000, /it was asked for|it has no byte|hash to/],
    ['too short', 5000, /it was asked for bytes|hash to/],
    ['2^60', 2 ** 60, /path, size or oid is wrong/],
    ['negative', -1, /path, size or oid is wrong/],
  ])('is not taken when its length is said to be %s', async (_, size, message) => {
    serve({ 'model.safetensors': { size } })
    await expect(downloadModel({ model }, options)).rejects.toThrow(message)
    expect(existsSync(join(folder, 'model.safetensors'))).toBe(false)
  })

  it('has to be there, and to hold weights', async () => {
    await expect(downloadModel({ model: 'kz/other' }, options)).rejects.toThrow(/404/)
    server.files.set(`/api/models/${model}/tree/${commit}?recursive=false&expand=false`, json([]))
    await expect(downloadModel({ model }, options)).rejects.toThrow(/has no model\.safetensors/)
  })

  it('is there without the network, once it was loaded whole', async () => {
    const offline = { ...options, environment: { HF_ENDPOINT: 'http://127.0.0.1:1' }, retries: 0 }
    await expect(downloadModel({ model }, offline)).rejects.toThrow(/cannot read/)
    await downloadModel({ model }, options)
    const said: string[] = []
    expect(await downloadModel({ model }, { ...offline, onOffline: (message) => said.push(message) })).toBe(folder)
    expect(said[0]).toMatch(/what was loaded before is used: kz\/bala at a{40}/)
    // A commit stays what it is, so nobody needs to be asked.
    await downloadModel({ model, revision: commit }, options)
    server.requests.length = 0
    expect(await downloadModel({ model, revision: commit }, options)).toBe(folder)
    expect(server.requests).toEqual([])
  })
})
