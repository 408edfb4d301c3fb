import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { readToml } from './read-toml.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-toml-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const schema = z.strictObject({ a: z.strictObject({ n: z.number().default(2) }).optional() })
const read = async (text: string) => {
  const path = join(folder, 'x.toml')
  await writeFile(path, text)
  return readToml(path, schema)
}

it('gives what a file says, with defaults', async () => {
  expect(await read('[a]\n')).toEqual({ a: { n: 2 } })
  expect(await read('# nothing\n')).toEqual({})
})

it.each([
  ['a = [', 'x.toml: is not TOML (Invalid TOML document'],
  ['[a]\nn = "2"', 'x.toml: a.n must be a number, got "2"'],
  ['a = 1970-01-01', 'x.toml: a must be a table, got "1970-01-01'],
  ['[a]\nn = 9007199254740993', 'x.toml: is not TOML'],
])('of %j says what is wrong', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message)
})

it('says which file cannot be read, and why', async () => {
  await expect(readToml(join(folder, 'none.toml'), schema)).rejects.toThrow('none.toml: cannot be read (ENOENT)')
})
