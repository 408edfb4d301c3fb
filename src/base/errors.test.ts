import { describe, expect, it } from 'vitest'
import { AlippeError, BackendError, ConfigError, DataError, FormatError, ShapeError } from './errors.ts'

describe('errors', () => {
  it('carry a stable code, their own name and the cause', () => {
    const cause = new Error('below')
    const made: [AlippeError, string, string][] = [
      [new ShapeError('matmul', 'K is 3 in a but 4 in b'), 'ALIPPE_SHAPE', 'ShapeError'],
      [new ConfigError('no', { cause }), 'ALIPPE_CONFIG', 'ConfigError'],
      [new DataError('no', { cause }), 'ALIPPE_DATA', 'DataError'],
      [new FormatError('no', { cause }), 'ALIPPE_FORMAT', 'FormatError'],
      [new BackendError('no', { cause }), 'ALIPPE_BACKEND', 'BackendError'],
    ]
    for (const [error, code, name] of made) {
      expect(error).toBeInstanceOf(AlippeError)
      expect([error.code, error.name]).toEqual([code, name])
    }
    expect(made[0][0].message).toBe('matmul: K is 3 in a but 4 in b')
    expect(made.slice(1).every(([error]) => error.cause === cause)).toBe(true)
  })
})
