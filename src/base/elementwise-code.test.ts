import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ElementwiseName, elementwiseOperations, opcode } from './elementwise-code.ts'
import { ConfigError } from './errors.ts'

describe('elementwise operations', () => {
  it('stand in the order that the kernels promise', () => {
    const readme = readFileSync(new URL('../../kernels/README.md', import.meta.url), 'utf8')
    const list = /in the order of their numbers:\s+([\s\S]+?)\n\n/.exec(readme)![1]
    expect(elementwiseOperations.map(({ name }) => name)).toEqual(list.split(',').map((name) => name.trim()))
  })

  it('have numbers', () => {
    expect(opcode('constant')).toBe(0)
    expect(opcode('silu-derivative')).toBe(elementwiseOperations.length - 1)
    expect(() => opcode('sine' as ElementwiseName)).toThrow(ConfigError)
  })
})
