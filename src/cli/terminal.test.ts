import { expect, it } from 'vitest'
import { isColored, isLive, painter, widthOf } from './terminal.ts'

const terminal = { write: () => {}, isTTY: true }
const file = { write: () => {} }

it('colours terminals, unless somebody says otherwise', () => {
  expect(isColored(terminal, {})).toBe(true)
  expect(isColored(file, {})).toBe(false)
  expect(isColored(terminal, { NO_COLOR: '1' })).toBe(false)
  expect(isColored(terminal, { NO_COLOR: '' })).toBe(true)
  expect(isColored(file, { FORCE_COLOR: '1' })).toBe(true)
  expect(isColored(file, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true)
  expect(isColored(terminal, { FORCE_COLOR: '0' })).toBe(false)
  expect(isColored(terminal, { TERM: 'dumb' })).toBe(false)
  expect(painter(file, { FORCE_COLOR: '1' })('red', 'x')).toBe('\x1b[31mx\x1b[39m')
  expect(painter(terminal, { NO_COLOR: '1' })('red', 'x')).toBe('x')
})

it('draws over lines only where somebody looks', () => {
  expect(isLive(terminal, {})).toBe(true)
  expect(isLive(file, {})).toBe(false)
  expect(isLive(terminal, { CI: 'true' })).toBe(false)
  expect(isLive(terminal, { CI: 'false' })).toBe(true)
  expect(isLive(terminal, { TERM: 'dumb' })).toBe(false)
})

it('measures text in cells', () => {
  expect(widthOf('әліппе')).toBe(6)
  expect(widthOf('\x1b[31mred\x1b[39m')).toBe(3)
  expect(widthOf('漢字 🙂')).toBe(7)
  expect(widthOf('e\u0301')).toBe(1)
})
