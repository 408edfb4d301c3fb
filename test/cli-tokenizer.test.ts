import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { world } from '../src/data/index.ts'

// `alippe tokenizer`, as a user meets it.

const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts')
let folder: string

function tokenizer(
  words: readonly string[],
  input?: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, 'tokenizer', ...words],
      { cwd: folder, env: { ...process.env, NO_COLOR: '1' } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
    child.stdin!.end(input ?? '')
  })
}

const sentence = 'Бір күні Asel жолға шықты, 2026!'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  const { document } = world()
  const text = Array.from({ length: 200 }, (_, i) => document(i).text).join('\n')
  // Vocabularies of characters leave out what is rare.
  await writeFile(join(folder, 'text.txt'), `${text}\n${`${sentence}\n`.repeat(100)}`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('alippe tokenizer', () => {
  it.each([
    ['bpe', 'bpe.json', []],
    ['bpe', 'cl100k.tiktoken', ['--pieces', 'cl100k']],
    ['unigram', 'unigram.model', []],
    ['sentencepiece-bpe', 'folder', []],
    ['wordpiece', 'vocab.txt', []],
    ['characters', 'characters.json', []],
  ])('trains %s, writes %s, encodes and decodes', async (model, file, pieces) => {
    const trained = await tokenizer(['train', 'text.txt', '-m', model, '-v', '600', '-o', file, ...pieces, '--json'])
    expect(trained.stderr).toBe('')
    expect(JSON.parse(trained.stdout)).toMatchObject({ output: file, model })
    const { stdout: ids } = await tokenizer(['encode', file, sentence, ...pieces])
    expect(ids).toMatch(/^\d+( \d+)+\n$/)
    const { stdout: text } = await tokenizer(['decode', file, ...pieces], ids)
    // WordPiece forgets the case and where spaces stood; its decoder puts marks to their words.
    expect(text).toBe(model === 'wordpiece' ? sentence.toLowerCase() : sentence)
  })

  it('shows where tokens stand', async () => {
    await tokenizer(['train', 'text.txt', '-v', '400', '-o', 'small.json', '-s', '<|end|>'])
    const { stdout } = await tokenizer([
      'encode',
      'small.json',
      'ә <|end|>',
      '--offsets',
      'bytes',
      '--allow-specials',
      '--json',
    ])
    const { ids, starts, ends, bytes, unit } = JSON.parse(stdout)
    expect({ bytes, unit, last: ids.at(-1) }).toEqual({ bytes: 10, unit: 'bytes', last: 399 })
    expect([starts.at(-1), ends.at(-1)]).toEqual([3, 10])
    const lines = (await tokenizer(['encode', 'small.json', 'ә <|end|>', '--offsets'])).stdout.trim().split('\n')
    expect(lines[0]).toMatch(/^codePoints\s+id\s+token$/)
    expect(lines.length).toBeGreaterThan(5)
  })

  it('inspects and compares', async () => {
    await tokenizer(['train', 'text.txt', '-v', '500', '-o', 'a.json'])
    const inspected = await tokenizer(['inspect', 'a.json', 'Сәлем'])
    expect(inspected.stdout).toMatch(/vocabulary\s+500 tokens/)
    expect(inspected.stdout).toContain('tokens: ')
    expect(JSON.parse((await tokenizer(['inspect', 'a.json', '--json'])).stdout)).toMatchObject({ vocabSize: 500 })
    const table = (await tokenizer(['compare', 'a.json'])).stdout
    for (const word of ['kk', 'ru', 'Rényi', 'cost/en']) expect(table).toContain(word)
    const { stdout } = await tokenizer(['compare', 'a.json', '--text', 'kk=text.txt', '--base', 'kk', '--json'])
    expect(JSON.parse(stdout).tokenizers[0].languages.kk.costToBase).toBe(1)
  })

  it('writes where it is told, and reads what it is given', async () => {
    await tokenizer(['train', '-v', '300', '-o', 'stdin.json'], 'some words '.repeat(50))
    await tokenizer(['encode', 'stdin.json', '-f', 'text.txt', '-o', 'ids.txt'])
    const { stdout } = await tokenizer(['decode', 'stdin.json'], await readFile(join(folder, 'ids.txt'), 'utf8'))
    expect(stdout.trimEnd()).toBe((await readFile(join(folder, 'text.txt'), 'utf8')).trimEnd())
  })

  it.each([
    [['encode', 'nowhere.json', 'x'], /nowhere\.json: it does not exist/],
    [['encode', 'text.txt', 'x'], /text\.txt/],
    [['decode', 'd.json', 'x'], /expected ids, numbers from 0 on, got x/],
    [['decode', 'd.json', '99999'], /there is no token 99999/],
    [['encode', 'd.json', 'x', '--offsets', 'lines'], /--offsets must be codePoints, codeUnits or bytes/],
    [['train', 'text.txt', '-o', 'x.bin'], /x\.bin: a tokenizer can be written as/],
    [['train', 'text.txt', '-m', 'gpt'], /Allowed choices are bpe, wordpiece/],
    [['compare', 'd.json', '--text', 'text.txt'], /--text takes language=path/],
  ] as const)('%j says what is wrong', async (words, message) => {
    await tokenizer(['train', '-v', '300', '-o', 'd.json'], 'some words '.repeat(50))
    const { stderr, code } = await tokenizer(words)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).not.toBe(0)
  })
})
