import { describe, expect, it } from 'vitest'
import { doublesProgram } from '../../test/doubles.ts'
import { ConfigError, ShapeError } from '../base/index.ts'
import { plan } from '../compiler/index.ts'
import {
  add,
  constant,
  exp,
  gradients,
  input,
  multiply,
  scope,
  softmax,
  sum,
  type Tensor,
  tap,
  traced,
} from './index.ts'

const x = input('x', [2])

/** Two blocks, each with a residual and something that only a tap computes. */
function model(): Tensor {
  let y = x
  for (let i = 0; i < 2; i++) {
    y = scope(`blocks.${i}`, () => {
      scope('attention', () => tap('weights', () => softmax(y)))
      return tap(
        'residual',
        add(
          y,
          scope('mlp', () => tap('hidden', exp(y))),
        ),
      )
    })
  }
  return tap('output', multiply(y, 2))
}

const valuesOf = async (outputs: Record<string, Tensor>) => {
  const got = (await doublesProgram({ outputs }).run({ x: [0, 1] })).outputs
  return Object.fromEntries(Object.entries(got).map(([name, values]) => [name, [...values]]))
}

describe('taps', () => {
  it('are found by their full names', async () => {
    const { result, taps } = traced(model, { taps: ['blocks.0.residual', 'blocks.1.mlp.hidden', 'output'] })
    expect(Object.keys(taps)).toEqual(['blocks.0.residual', 'blocks.1.mlp.hidden', 'output'])
    expect(taps.output).toBe(result)
    const residual = [1, 1 + Math.E]
    expect(await valuesOf(taps)).toMatchObject({
      'blocks.0.residual': residual,
      'blocks.1.mlp.hidden': residual.map(Math.exp),
    })
  })

  it('are found by a pattern; a star stands for one part', () => {
    const names = (...taps: string[]) => Object.keys(traced(model, { taps }).taps)
    expect(names('blocks.*.residual')).toEqual(['blocks.0.residual', 'blocks.1.residual'])
    expect(names('blocks.*.*.hidden')).toEqual(['blocks.0.mlp.hidden', 'blocks.1.mlp.hidden'])
    expect(names('*')).toEqual(['output'])
    expect(names('blocks.1.*', 'output')).toEqual(['blocks.1.residual', 'output'])
  })

  it('take the other characters of a name as they are', () => {
    const body = () => [tap('a+b', exp(x)), tap('aab', x)]
    expect(Object.keys(traced(body, { taps: ['a+b'] }).taps)).toEqual(['a+b'])
    expect(() => traced(body, { taps: ['a.b'] })).toThrow(ConfigError)
  })

  it('cost no kernel when nobody asks', () => {
    const plain = () => {
      let y = x
      for (let i = 0; i < 2; i++) y = add(y, exp(y))
      return multiply(y, 2)
    }
    const { result } = traced(model, {})
    expect(plan({ outputs: { y: result } })).toEqual(plan({ outputs: { y: plain() } }))
    expect(plan({ outputs: { y: model() } })).toEqual(plan({ outputs: { y: plain() } }))
  })

  it('that are functions are called when they are asked for, and only then', () => {
    let calls = 0
    const body = () => {
      const seen = tap('lens', () => {
        calls++
        return exp(x)
      })
      return seen
    }
    expect(body()).toBeUndefined()
    expect(traced(body, {}).result).toBeUndefined()
    expect(calls).toBe(0)
    const { result, taps } = traced(body, { taps: ['lens'] })
    expect(calls).toBe(1)
    expect(result).toBeUndefined()
    expect(Object.keys(taps)).toEqual(['lens'])
  })
})

describe('replacements', () => {
  it('change what is computed from the value', async () => {
    const without = traced(model, {}).result
    const { result } = traced(model, { replace: { 'blocks.0.residual': constant([0, 0], [2]) } })
    const { y, z } = await valuesOf({ y: result, z: without })
    expect(y).toEqual([2, 2]) // (0 + e⁰)·2
    expect(z).not.toEqual(y)
  })

  it('are what a tap of the same name sees', () => {
    const zero = constant([0, 0], [2])
    const { taps } = traced(model, { taps: ['blocks.*.residual'], replace: { 'blocks.1.residual': zero } })
    expect(taps['blocks.1.residual']).toBe(zero)
    expect(taps['blocks.0.residual']).not.toBe(zero)
  })

  it('are given back by a tap that is a function', () => {
    const zero = constant([0, 0], [2])
    expect(traced(() => tap('lens', () => exp(x)), { replace: { lens: zero } }).result).toBe(zero)
  })

  it('cut the gradient of what they replace', async () => {
    const { result } = traced(model, { replace: { 'blocks.0.residual': constant([0, 0], [2]) } })
    expect(await valuesOf({ dx: gradients(sum(result), [x])[0] })).toEqual({ dx: [0, 0] })
  })

  it('must have the shape of the value', () => {
    const wrong = () => traced(model, { replace: { output: constant([0], [1]) } })
    expect(wrong).toThrow(ShapeError)
    expect(wrong).toThrow('replace: output is [2], got [1]')
  })
})

describe('names that nothing has', () => {
  it('are told, all of them', () => {
    const nothing = () =>
      traced(model, { taps: ['blocks.*.residual', 'blocks.7.residual', 'blocks'], replace: { nowhere: x } })
    expect(nothing).toThrow(ConfigError)
    expect(nothing).toThrow('no value is named blocks.7.residual, blocks, nowhere')
  })

  it('of a replacement are not patterns', () => {
    expect(() => traced(model, { replace: { 'blocks.*.residual': x } })).toThrow('no value is named blocks.*.residual')
  })
})

describe('traces and scopes', () => {
  it('end when the body throws', () => {
    const broken = () =>
      scope('broken', () => {
        throw new RangeError('inside')
      })
    expect(() => traced(broken, { taps: ['output'] })).toThrow('inside')
    expect(Object.keys(traced(model, { taps: ['output'] }).taps)).toEqual(['output'])
  })

  it('inside others see their own taps', () => {
    const outer = traced(
      () => {
        const inner = traced(model, { taps: ['output'] })
        return [Object.keys(inner.taps), tap('after', exp(x))]
      },
      { taps: ['after'] },
    )
    expect(outer.result[0]).toEqual(['output'])
    expect(Object.keys(outer.taps)).toEqual(['after'])
  })
})
