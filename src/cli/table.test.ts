import { expect, it } from 'vitest'
import { table } from './table.ts'

it('aligns text to the left and numbers to the right', () => {
  const rows = [
    ['wte.weight', '38.6 M', '154 MB', 1, '1m52s'],
    ['һ', '768', '3.07 kB', 120, '8.0s'],
  ]
  expect(table(rows, { header: ['name', 'elements', 'bytes', 'calls', 'time'] })).toBe(
    [
      'name        elements    bytes  calls   time',
      'wte.weight    38.6 M   154 MB      1  1m52s',
      'һ                768  3.07 kB    120   8.0s',
    ].join('\n'),
  )
})

it('leaves no spaces at the ends of lines, and takes rows of any length', () => {
  expect(table([['a', 'long text'], ['bb'], []])).toBe('a   long text\nbb\n')
  expect(table([])).toBe('')
})

it('measures what is seen', () => {
  expect(
    table([
      ['\x1b[31mred\x1b[39m', 'x'],
      ['漢字', 'y'],
    ]),
  ).toBe('\x1b[31mred\x1b[39m   x\n漢字  y')
})

it('keeps a column with a word in it on the left', () => {
  expect(table([['12'], ['none']], { header: ['x'] })).toBe('x\n12\nnone')
})
