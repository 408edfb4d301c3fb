import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ConfigError, FormatError } from '../../base/index.ts'
import { BlockCache } from './block-cache.ts'
import { contentRange } from './file-state.ts'
import { nextPage } from './hub.ts'
import { parseName } from './parse-name.ts'

/** Text that is nearly right more often than chance would make it. */
function near(...words: string[]): fc.Arbitrary<string> {
  return fc
    .array(
      fc.oneof(
        fc.constantFrom(...words),
        fc.string({ maxLength: 5, unit: fc.constantFrom(...'\0\n "a9\u007fқ\ud83d\ud800') }),
      ),
    )
    .map((parts) => parts.join(''))
}

it('names give a meaning or a ConfigError', () => {
  const words = near(
    'hf://',
    'datasets/',
    'a/b',
    '@',
    '%',
    '#sha256=',
    'https://',
    'huggingface.co/',
    '=',
    '..',
    '/',
    '*',
    '-',
  )
  fc.assert(
    fc.property(words, (name) => {
      try {
        const parsed = parseName(name)
        if (parsed.kind === 'url') expect(new URL(parsed.url).protocol).toMatch(/^https?:$/)
        if (parsed.kind === 'dataset') expect(parsed.address.path.split('/')).not.toContain('..')
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError)
      }
    }),
    { numRuns: 2000 },
  )
})

it('Content-Range gives safe integers in order, or nothing', () => {
  fc.assert(
    fc.property(near('bytes ', '0', '-', '/', '*', '123', '9'.repeat(16)), (header) => {
      const range = contentRange({ headers: { 'content-range': header } })
      if (range === undefined) return
      expect(range.start).toBeLessThan(range.end)
      expect([range.start, range.end, range.total ?? 0].every(Number.isSafeInteger)).toBe(true)
    }),
    { numRuns: 2000 },
  )
  expect(contentRange({ headers: { 'content-range': 'bytes 5-9/20' } })).toEqual({ start: 5, end: 10, total: 20 })
  expect(contentRange({ headers: { 'content-range': 'bytes 5-5/*' } })).toEqual({ start: 5, end: 6, total: undefined })
})

it('Link gives a page of the same host, nothing, or a FormatError', () => {
  const page = 'https://a.kz/tree?x=1'
  fc.assert(
    fc.property(near('<', '>', ';', ' rel="next"', ',', '/tree', '?cursor=2', 'https://b.kz/'), (link) => {
      try {
        const next = nextPage(link, page)
        if (next !== undefined) expect(new URL(next).origin).toBe('https://a.kz')
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError)
      }
    }),
    { numRuns: 2000 },
  )
  expect(nextPage('<https://a.kz/1>; rel="prev", </tree?c=3>; rel="next"', page)).toBe('https://a.kz/tree?c=3')
  const started = performance.now()
  nextPage('<'.repeat(100_000) + ';'.repeat(100_000), page)
  // A scan takes under a millisecond; one that is quadratic took many seconds.
  expect(performance.now() - started).toBeLessThan(1000)
})

it('a description in the cache that is broken is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cache-'))
  const file = { url: 'https://a.kz/f', size: 10, version: '"1"' }
  await (await BlockCache.open(folder, file, 4)).markVerified()
  expect((await BlockCache.open(folder, file, 4)).isVerified).toBe(true)
  const [name] = await readdir(join(folder, 'remote'))
  const words = near('{', '}', '"verified":', 'true', '"size":', '10', ',', '[', 'null')
  await fc.assert(
    fc.asyncProperty(words, async (text) => {
      await writeFile(join(folder, 'remote', name, 'file.json'), text)
      expect((await BlockCache.open(folder, file, 4)).blocks).toBe(3)
    }),
    { numRuns: 50 },
  )
  await writeFile(join(folder, 'remote', name, 'file.json'), '{"size":10,"verif')
  expect((await BlockCache.open(folder, file, 4)).isVerified).toBe(false)
  await rm(folder, { recursive: true })
})
