import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fileKeys, validate } from './validate.ts'

const schema = z.strictObject({
  share: z.number().min(0).max(1).optional(),
  rate: z.number().positive().optional(),
  below: z.number().min(0).lt(1).optional(),
  most: z.number().max(3).optional(),
  under: z.number().lt(3).optional(),
  count: z.int().min(1).default(1),
  any: z.int().optional(),
  mode: z.enum(['fast', 'slow']).optional(),
  on: z.boolean().optional(),
  names: z.array(z.string()).optional(),
  weights: z.record(z.string(), z.number().min(0)).optional(),
  part: z.union([z.strictObject({ least: z.number().optional() }), z.literal(false)]).optional(),
  split: z.union([z.enum(['file', 'line']), z.strictObject({ by: z.string() })]).optional(),
  rule: z.strictObject({ file: z.string() }).optional(),
  rules: z.array(z.strictObject({ file: z.string() })).optional(),
  size: z.string().transform(Number).meta({ expected: 'bytes' }).optional(),
})
const check = (value: unknown) => validate(schema, value, fileKeys('f.toml'))

describe('settings of a file', () => {
  it('pass when they are right, with their defaults', () => {
    const value = { share: 0.5, mode: 'slow', on: false, names: ['a'], weights: { x: 2 }, part: false } as const
    expect(check(value)).toEqual({ ...value, count: 1 })
    expect(check({ part: { least: -1 }, rule: { file: 'f' }, size: '5' })).toMatchObject({ size: 5 })
  })

  it.each([
    [{ share: 2 }, 'f.toml: share must be a number from 0 to 1, got 2'],
    [{ share: Number.NaN }, 'f.toml: share must be a number from 0 to 1, got nan'],
    [{ share: Number.POSITIVE_INFINITY }, 'f.toml: share must be a number from 0 to 1, got inf'],
    [{ rate: 0 }, 'f.toml: rate must be a number above 0, got 0'],
    [{ below: 1 }, 'f.toml: below must be a number from 0 to below 1, got 1'],
    [{ most: 4 }, 'f.toml: most must be a number up to 3, got 4'],
    [{ under: 3 }, 'f.toml: under must be a number below 3, got 3'],
    [{ count: 1.5 }, 'f.toml: count must be a whole number from 1 on, got 1.5'],
    [{ count: 0 }, 'f.toml: count must be a whole number from 1 on, got 0'],
    [{ any: '1' }, 'f.toml: any must be a whole number, got "1"'],
    [{ mode: 'fest' }, 'f.toml: mode must be one of "fast", "slow", got "fest"; did you mean fast?'],
    [{ mode: 1 }, 'f.toml: mode must be one of "fast", "slow", got 1'],
    [{ on: 'yes' }, 'f.toml: on must be true or false, got "yes"'],
    [{ names: 'a' }, 'f.toml: names must be a list in [ ], got "a"'],
    [{ names: ['a', 1] }, 'f.toml: names[1] must be text in quotes, got 1'],
    [{ weights: { x: -1 } }, 'f.toml: weights.x must be a number from 0 on, got -1'],
    [{ part: true }, 'f.toml: part must be a table or false, got true; leave it out to have it as it is by default'],
    [{ part: { lest: 1 } }, 'f.toml: part.lest is not known; did you mean least?'],
    [{ part: { least: 'a' } }, 'f.toml: part.least must be a number, got "a"'],
    [{ split: 'fil' }, 'f.toml: split must be one of "file", "line" or a table, got "fil"; did you mean file?'],
    [{ split: { bye: 1 } }, 'f.toml: split needs by\nf.toml: split.bye is not known; did you mean by?'],
    [{ rule: {} }, 'f.toml: rule needs file'],
    [{ rules: [{ file: '' }, { fill: '' }] }, 'f.toml: rules[1] needs file\nf.toml: rules[1].fill is not known'],
    [{ size: 5 }, 'f.toml: size must be bytes, got 5'],
    [{ constructor: 1 }, 'f.toml: constructor is not known; there are share, rate'],
    [
      { count: 0, on: 1 },
      'f.toml: count must be a whole number from 1 on, got 0\nf.toml: on must be true or false, got 1',
    ],
    [[], 'f.toml must be a table, got []'],
    [undefined, 'f.toml must be a table, got undefined'],
  ])('say of %j what must stand there', (value, message) => {
    expect(() => check(value)).toThrow(message)
  })
})
