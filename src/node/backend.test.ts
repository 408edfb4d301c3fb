import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { nativeRefusal, openBackend } from './backend.ts'

const timeout = 900_000 // the first time it is built

/** A script that runs a product on an engine in this thread and in another, and leaves both open. */
function script(kind: string): string {
  return `
    import { Worker, isMainThread } from 'node:worker_threads'
    import { openBackend } from ${JSON.stringify(new URL('./backend.ts', import.meta.url).href)}
    const backend = await openBackend({ backend: '${kind}', threads: 3 })
    const segment = backend.allocate(1 << 16)
    const at = (offset) => ({ segment: 0, offset, shape: [64, 64], dtype: 'f32' })
    const call = { kernel: 'matmul', inputs: [at(0), at(16384)], outputs: [at(32768)], attributes: [0, 0, 0, 0] }
    await backend.load([call], [segment]).run()
    console.log('ran')
    if (isMainThread) new Worker(process.argv[1], { eval: false })
  `
}

describe('openBackend', () => {
  it.each(['native', 'wasm'])('lets the process end with engines left open in two threads: %s', {
    timeout,
  }, async (kind) => {
    const opened = await openBackend({ backend: kind as 'native' | 'wasm' }).catch(() => undefined)
    if (!opened) return
    await opened.close()
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises')
    const { tmpdir } = await import('node:os')
    const folder = await mkdtemp(`${tmpdir()}/alippe-`)
    await writeFile(`${folder}/open.mjs`, script(kind))
    const { stdout } = await promisify(execFile)(process.execPath, [`${folder}/open.mjs`], { timeout: 120_000 })
    await rm(folder, { recursive: true })
    expect(stdout).toBe('ran\nran\n')
  })

  it('takes threads and instruction set from the environment', { timeout }, async () => {
    vi.stubEnv('ALIPPE_THREADS', '3')
    const backend = await openBackend()
    expect(backend.threads).toBe(3)
    await backend.close()
    if (process.arch === 'x64' && nativeRefusal() === undefined) {
      vi.stubEnv('ALIPPE_ISA', 'sse2')
      const lower = await openBackend()
      expect(lower.name).toBe('cpu native sse2')
      await lower.close()
    }
    vi.stubEnv('ALIPPE_THREADS', 'many')
    await expect(openBackend()).rejects.toThrow(/ALIPPE_THREADS is many; expected a whole number from 1 to 64/)
    vi.unstubAllEnvs()
  })

  it('refuses what cannot be had', { timeout }, async () => {
    await expect(openBackend({ threads: 65 })).rejects.toThrow(/threads is 65/)
    await expect(openBackend({ backend: 'native', isa: 'mmx' })).rejects.toThrow(/cpu native/)
    await expect(openBackend({ backend: 'wasm', isa: 'mmx' })).rejects.toThrow(/relaxed, simd and single/)
  })
})
