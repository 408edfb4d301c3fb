import { describe, expect, it } from 'vitest'
import { formatOf } from './format.ts'
import { utf8 } from './testing.ts'

describe('formatOf', () => {
  it.each([
    ['a.txt', 'hello', { kind: 'text' }],
    ['src/a.ts', 'const a = 1', { kind: 'text' }],
    ['README.md', '# A', { kind: 'markdown' }],
    ['a.HTM', 'x', { kind: 'html' }],
    ['a.ndjson', '{', { kind: 'jsonl' }],
    ['a.json', '[', { kind: 'json' }],
    ['a.csv', 'a,b', { kind: 'csv' }],
    ['a.tsv', 'a\tb', { kind: 'tsv' }],
    ['https://example.org/data/a.csv?download=true', 'a,b', { kind: 'csv' }],
    ['https://example.org/', ' <!DOCTYPE html><p>x', { kind: 'html' }],
    ['standard input', '{"text": "x"}', { kind: 'jsonl' }],
    ['LICENSE', 'MIT', { kind: 'text' }],
  ])('%s by its name or text', (name, head, format) => {
    expect(formatOf(name, utf8(head))).toEqual(format)
  })

  it.each([
    ['a.jsonl.gz', [0x1f, 0x8b, 8], { kind: 'jsonl', compression: 'gzip' }],
    ['a.jsonl', [0x1f, 0x8b, 8], { kind: 'jsonl', compression: 'gzip' }],
    ['a.csv.zst', [0x28, 0xb5, 0x2f, 0xfd], { kind: 'csv', compression: 'zstd' }],
    ['a.zst', [0x52, 0x2a, 0x4d, 0x18], { kind: 'text', compression: 'zstd' }],
    ['a.bin', [0x50, 0x41, 0x52, 0x31], { kind: 'parquet' }],
    ['a.txt', [0xff, 0xfe, 104, 0], { kind: 'text', encoding: 'utf-16le' }],
    ['a.csv', [0xfe, 0xff, 0, 104], { kind: 'csv', encoding: 'utf-16be' }],
    ['a.txt', [104, 0, 105], { kind: 'binary', binary: 'a NUL byte' }],
    ['a.txt', [0x50, 0x4b, 3, 4], { kind: 'binary', binary: 'a ZIP archive (also docx, epub)' }],
  ])('%s by its bytes', (name, head, format) => {
    expect(formatOf(name, Uint8Array.from(head))).toEqual(format)
  })

  it('does not take a name for an inherited field', () => {
    expect(formatOf('a.constructor', utf8('x'))).toEqual({ kind: 'text' })
  })
})
