import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startServer } from '../../../test/inputs/misbehaving-server.ts'
import { listInputs } from './list-inputs.ts'
import { openInput } from './open-input.ts'

const folder = await mkdtemp(join(tmpdir(), 'killed-'))
const server = await startServer()
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const blockBytes = 4096
const blocks = 40
const bytes = Uint8Array.from({ length: blocks * blockBytes - 17 }, (_, i) => (i * 7 + (i >> 9) * 31) & 255)

/** Another process that reads the whole of an input. */
const program = `
  import { openInput } from ${JSON.stringify(join(import.meta.dirname, 'open-input.ts'))}
  const [input, options] = process.argv.slice(1).map((word) => JSON.parse(word))
  for await (const chunk of (await openInput(input, options)).chunks());
`

async function written(cacheFolder: string): Promise<string[]> {
  const [name] = await readdir(join(cacheFolder, 'remote')).catch(() => [])
  if (name === undefined) return []
  return (await readdir(join(cacheFolder, 'remote', name))).filter((file) => /^\d+\.block$/.test(file))
}

it.each([1, 2, 3])('a download that is killed again and again is resumed at the missing block (%i)', async (seed) => {
  const cacheFolder = join(folder, String(seed))
  const options = { cacheFolder, blockBytes }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  server.files.set('/f', { bytes, etag: '"1"' })
  const { inputs } = await listInputs([`${server.url}/f${seed === 3 ? `#sha256=${sha256}` : ''}`], options)
  let had = 0
  for (let round = 0; round < 2; round++) {
    server.requests.length = 0
    server.plan.length = 0
    // After so many requests, at whatever the process is doing a little later.
    const requests = 1 + ((seed * 7 + round * 5) % 13)
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      program,
      JSON.stringify(inputs[0]),
      JSON.stringify(options),
    ])
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const ended = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)))
    server.plan.push(...Array(requests - 1).fill(undefined), {
      meanwhile: () => setTimeout(() => child.kill('SIGKILL'), (seed * round) % 7),
    })
    expect(await ended, errors).toBe('SIGKILL')
    const has = (await written(cacheFolder)).length
    // What the last process had was not asked for again.
    const asked = server.requests.map(({ range }) => Number(/=(\d+)/.exec(range ?? '')?.[1]) / blockBytes)
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(had)
    expect(has).toBeGreaterThanOrEqual(had + requests - 2)
    had = has
  }
  server.requests.length = 0
  await using file = await openInput(inputs[0], options)
  expect(Buffer.concat(await Array.fromAsync(file.chunks())).equals(bytes)).toBe(true)
  expect(server.requests.length).toBe(blocks - had)
  expect((await written(cacheFolder)).length).toBe(blocks)
}, 20_000)
