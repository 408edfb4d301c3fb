import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { DataError } from '../src/base/index.ts'
import { batches, encodeToShards, openShards, splitTail } from '../src/data/index.ts'
import { fileFolder } from '../src/node/files.ts'
import { openSources, readText } from '../src/node/prepare/index.ts'
import { trainBpe } from '../src/tokenizers/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'text-'))
afterAll(() => rm(folder, { recursive: true }))

/** Writes files into a fresh folder. */
async function place(name: string, files: Record<string, string | Uint8Array>): Promise<string> {
  const root = join(folder, name)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

describe('any text can be trained on, or the error says why not', () => {
  it('an empty file, an empty folder, a path that is not there', async () => {
    const root = await place('empty', { 'a.txt': '' })
    await expect(readText(join(root, 'a.txt'))).rejects.toThrow(DataError)
    await expect(readText(root)).rejects.toThrow(/no text in .*empty \(found only: 1 empty\); give files/)
    await mkdir(join(root, 'nothing'))
    await expect(readText(join(root, 'nothing'))).rejects.toThrow(/nothing to read in .*1 nothing in it/)
    await expect(readText([])).rejects.toThrow(/nothing to read in no names/)
    await expect(readText(join(root, 'b.txt'))).rejects.toThrow(/b.txt does not exist/)
  })

  it('one byte', async () => {
    const root = await place('one', { 'a.txt': 'x' })
    const text = await readText(root)
    expect(text).toBe('x')
    const tokenizer = trainBpe(text, { vocabSize: 512 })
    expect(tokenizer.decode(tokenizer.encode(text))).toBe('x')
    expect(() => batches(tokenizer.encode(text), { batch: 1, tokens: 8 })).toThrow(
      /has 1 tokens, at least 9 are needed/,
    )
  })

  it('bytes that are not UTF-8 are replaced and counted', async () => {
    // Latin-1: one byte in 33 is not UTF-8.
    const latin = Buffer.from('le caf\u00e9 est tr\u00e8s bon ce matin-l\u00e0, dit-il.'.repeat(3), 'latin1')
    const sources = await openSources([await place('latin', { 'a.txt': latin })])
    const parts = await Array.fromAsync(sources)
    expect(parts.map((part) => part.text).join('')).toContain('caf\ufffd est')
    expect(sources.reports()[1].changed['not UTF-8']).toMatchObject({ documents: 1, bytes: 9 })
    const broken = await place('broken', { 'a.txt': Uint8Array.from({ length: 100 }, (_, i) => 0x80 + (i % 100)) })
    await expect(readText(broken)).rejects.toThrow(/found only: 1 holds no text/)
  })

  it('a folder with binaries, hidden folders and links', async () => {
    const root = await place('mixed', {
      'b.md': '# B',
      'a.ts': 'const a = 1',
      'sub/c.html': '\ufeff<p>c is a paragraph of a page, and not the shortest one that was ever written.',
      'sub/empty.txt': '',
      'image.png': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1, 2),
      '.git/config': 'hidden',
      '.env': 'SECRET=1',
      'node_modules/x/readme.md': 'left out',
    })
    await symlink(root, join(root, 'sub', 'circle'))
    await symlink(join(root, 'b.md'), join(root, 'sub', 'd.md'))
    const sources = await openSources([root])
    const documents = await Array.fromAsync(sources)
    expect(documents.map(({ id, text }) => [id.slice(root.length + 1), text])).toEqual([
      ['a.ts', 'const a = 1'],
      ['b.md', '# B'],
      ['sub/c.html', 'c is a paragraph of a page, and not the shortest one that was ever written.'],
      ['sub/d.md', '# B'],
    ])
    const [files, read] = sources.reports()
    const counts = Object.entries({ ...files.dropped, ...read.dropped }).map(([why, { documents }]) => [why, documents])
    expect(Object.fromEntries(counts)).toEqual({
      hidden: 2,
      'left out': 1,
      'not a file': 1,
      'holds no text': 1,
      empty: 1,
    })
    expect(read.dropped['holds no text'].examples[0].id).toBe(join(root, 'image.png'))
    expect(await readText(join(root, '*.ts'))).toBe('const a = 1')
    // What is named itself is read, wherever it is.
    expect(await readText([join(root, '.git', 'config'), join(root, 'node_modules', 'x')])).toBe('hidden\n\nleft out')
    const { description } = await openSources([root])
    expect((await openSources([root])).description).toBe(description)
    await writeFile(join(root, 'b.md'), '# BB')
    expect((await openSources([root])).description).not.toBe(description)
  })

  it('from files to batches, by way of shards, the text is the same', async () => {
    const text = 'The wolf and the crane. Қасқыр мен тырна. 😀\n'.repeat(400)
    const root = await place('story', { 'a.txt': text, 'b.txt': text.toUpperCase() })
    const tokenizer = trainBpe(await readText(root), { vocabSize: 400, specials: ['<|end|>'] })
    const shelf = fileFolder(join(folder, 'shards'))
    const sources = await openSources([root])
    const options = { source: sources.description, separator: '<|end|>', shardTokens: 1000 }
    const { name, reused } = await encodeToShards(sources, tokenizer, shelf, options)
    expect(reused).toBe(false)
    expect((await encodeToShards(sources, tokenizer, shelf, options)).reused).toBe(true)
    const shards = await openShards(shelf, name)
    const ids = await shards.read(0, shards.length)
    expect(tokenizer.decode(ids)).toBe(`${text}<|end|>${text.toUpperCase()}<|end|>`)
    const { train, validation } = splitTail(shards, { atLeast: 65 })
    const data = batches(train, { batch: 8, tokens: 64, seed: 1 })
    const same = batches(ids.subarray(0, train.length), { batch: 8, tokens: 64, seed: 1 })
    for (let step = 0; step < 5; step++) expect(await data.next()).toEqual(await same.next())
    expect(train.length + validation.length).toBe(ids.length)
  })

  it('a large file streams through in memory that does not grow with it', async () => {
    const path = join(folder, 'large.txt')
    const megabytes = 64
    const file = await open(path, 'w')
    for (let i = 0; i < megabytes; i++) {
      // Different words in every megabyte, so that nothing can be remembered for all.
      let part = ''
      for (let k = 0; part.length < 1 << 20; k++) part += `${((i * 7919 + k) % 1_000_003).toString(36)} сөз ${k % 97}\n`
      await file.write(part.slice(0, 1 << 20))
    }
    await file.close()
    const source = (name: string) => JSON.stringify(new URL(`../src/${name}`, import.meta.url).href)
    const script = `
      const { trainBpe } = await import(${source('tokenizers/index.ts')})
      const { encodeToShards, plainText, memoryFolder } = await import(${source('data/index.ts')})
      const { fileFolder } = await import(${source('node/files.ts')})
      const { openSources } = await import(${source('node/prepare/index.ts')})
      const tokenizer = trainBpe('the words сөз 0 1 2 3 4 5 6 7 8 9 '.repeat(9), { vocabSize: 300 })
      let early = 0
      let late = 0
      const { index } = await encodeToShards(await openSources([${JSON.stringify(path)}]), tokenizer,
        fileFolder(${JSON.stringify(join(folder, 'large'))}), { source: 'large', onProgress({ textBytes }) {
          const { rss } = process.memoryUsage()
          if (textBytes < 16e6) early = Math.max(early, rss)
          else late = Math.max(late, rss)
        } })
      console.log(JSON.stringify({ early, late, split: index.splits.train }))`
    // Memory that grows with the text would end the program: the heap has half the text's size at most.
    const limits = ['--max-old-space-size=32', '--max-semi-space-size=2']
    const { stdout } = await promisify(execFile)(process.execPath, [...limits, '--input-type=module', '-e', script])
    const { early, late, split } = JSON.parse(stdout)
    // Cut at line ends into pieces of a mebibyte.
    expect(split.documents).toBe(Math.ceil(split.textBytes / 2 ** 20))
    expect(split.textBytes).toBeGreaterThan(megabytes * (1 << 20))
    // Outside the heap: the 48 MB of text after the first 16 would show as 48 MB or more; the collector's leisure is less.
    expect((late - early) / 1e6).toBeLessThan(32)
  }, 120_000)
})
