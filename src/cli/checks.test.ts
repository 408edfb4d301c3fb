import { describe, expect, it } from 'vitest'
import { flag, having, list, named, nearest, number, orFalse, table, text, whole } from './checks.ts'

const check = table({
  share: number(0, 1),
  count: whole(1),
  mode: text('fast', 'slow'),
  on: flag,
  names: list(text()),
  weights: named(number(0)),
  part: orFalse(table({ least: number() })),
  rule: having(['file'], table({ file: text() })),
})

describe('checks', () => {
  it('let pass what is right', () => {
    const value = { share: 0.5, count: 1, mode: 'slow', on: false, names: ['a'], weights: { x: 2 }, part: false }
    expect(() => check({ ...value, rule: { file: 'f' } }, 'f.toml')).not.toThrow()
    expect(() => check({ part: { least: -1 } }, 'f.toml')).not.toThrow()
  })

  it.each([
    [{ share: 2 }, 'f.toml: share must be a number from 0 to 1, got 2'],
    [{ share: Number.NaN }, 'f.toml: share must be a number from 0 to 1, got null'],
    [{ count: 1.5 }, 'f.toml: count must be a whole number from 1 on, got 1.5'],
    [{ mode: 'fest' }, 'f.toml: mode must be one of "fast", "slow", got "fest"; did you mean fast?'],
    [{ mode: 1 }, 'f.toml: mode must be one of fast, slow, got 1'],
    [{ on: 'yes' }, 'f.toml: on must be true or false, got "yes"'],
    [{ names: 'a' }, 'f.toml: names must be a list in [ ], got "a"'],
    [{ names: ['a', 1] }, 'f.toml: names[1] must be text in quotes, got 1'],
    [{ weights: { x: -1 } }, 'f.toml: weights.x must be a number from 0 on, got -1'],
    [
      { part: true },
      'f.toml: part must be a table of settings or false, got true; leave it out to have it as it is by default',
    ],
    [{ part: { lest: 1 } }, 'f.toml: part.lest is not known; did you mean least?'],
    [{ rule: {} }, 'f.toml: rule needs file'],
    [{ constructor: 1 }, /^f\.toml: constructor is not known; there are share, count/],
    [[], 'f.toml must be a table, got []'],
  ])('say of %j what must stand there', (value, message) => {
    expect(() => check(value, 'f.toml')).toThrow(message)
  })

  it('guess only what is near', () => {
    expect(nearest('gofer', ['gopher', 'c4'])).toBe('gopher')
    expect(nearest('Language', ['language', 'length'])).toBe('language')
    expect(nearest('colour', ['gopher', 'c4'])).toBeUndefined()
    expect(nearest('x'.repeat(1e6), ['gopher'])).toBeUndefined()
  })
})
