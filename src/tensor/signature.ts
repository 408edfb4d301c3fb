import { type DType, dtypes, type Shape, ShapeError, sameShape, shapeText } from '../base/index.ts'
import type { Spec } from './tensor.ts'

/**
 * The shape rule of an operation as one line of text:
 *
 *     q: B T H D, k: B S G D, v: B S G D, lengths?: i32 B -> out: B T H D, lse: B H T
 *
 * A letter stands for one size, the same wherever it stands; `…` for any number of leading axes, the same wherever it
 * stands; a number for itself; `?` marks an optional input. A dtype may stand first, `real` for f32 or bf16, `stored` for every way to store
 * floats, packed or not; without one
 * it is f32.
 */
export interface Signature {
  infer(operation: string, inputs: readonly (Spec | null)[]): Spec[]
}

interface Term {
  readonly name: string
  readonly optional: boolean
  readonly dtypes: readonly DType[]
  readonly leading: boolean
  /** Letters, and sizes that are given as numbers. */
  readonly axes: readonly (string | number)[]
}

const kinds: Readonly<Record<string, readonly DType[]>> = {
  real: ['f32', 'bf16'],
  stored: dtypes.filter((dtype) => dtype !== 'i32' && dtype !== 'u8'),
}

function parseTerm(text: string): Term {
  const [label, axesText] = text.split(':')
  const words = axesText
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  const named = kinds[words[0]] ?? dtypes.filter((name) => name === words[0])
  if (named.length > 0) words.shift()
  const leading = words[0] === '…'
  if (leading) words.shift()
  return {
    name: label.trim().replace('?', ''),
    optional: label.includes('?'),
    dtypes: named.length > 0 ? named : ['f32'],
    leading,
    axes: words.map(sizeOrLetter),
  }
}

/** Parses a signature; see {@link Signature}. */
export function signature(text: string): Signature {
  const [left, right] = text.split('->').map((side) => side.split(',').map(parseTerm))
  return {
    infer(operation, inputs) {
      const sizes = new Map<string, { size: number; from: () => string }>()
      let leading: { axes: Shape; from: () => string } | undefined
      left.forEach((term, position) => {
        const spec = inputs[position] ?? null
        if (spec === null) {
          if (!term.optional) throw new ShapeError(operation, `input ${term.name} is missing`)
          return
        }
        checkDType(operation, term, spec)
        // Words are made only for messages: signatures are read for every node of a graph.
        const here = () => `${term.name} ${shapeText(spec.shape)}`
        const free = spec.shape.length - term.axes.length
        if (free < 0 || (free > 0 && !term.leading)) {
          throw new ShapeError(operation, `${term.name} must be ${pattern(term)}, got ${shapeText(spec.shape)}`)
        }
        if (term.leading) {
          const axes = spec.shape.slice(0, free)
          if (leading === undefined) leading = { axes, from: here }
          else if (!sameShape(leading.axes, axes)) {
            const [mine, others] = [axes, leading.axes].map(shapeText)
            throw new ShapeError(operation, `leading axes are ${others} in ${leading.from()} but ${mine} in ${here()}`)
          }
        }
        term.axes.forEach((axis, i) => {
          const size = spec.shape[free + i]
          if (typeof axis === 'number') {
            if (axis === size) return
            throw new ShapeError(operation, `${term.name} must be ${pattern(term)}, got ${shapeText(spec.shape)}`)
          }
          const known = sizes.get(axis)
          if (known === undefined) sizes.set(axis, { size, from: here })
          else if (known.size !== size) {
            throw new ShapeError(operation, `${axis} is ${known.size} in ${known.from()} but ${size} in ${here()}`)
          }
        })
      })
      return right.map((term) => ({
        shape: [
          ...(term.leading ? (leading?.axes ?? []) : []),
          ...term.axes.map((axis) => (typeof axis === 'number' ? axis : sizes.get(axis)!.size)),
        ],
        dtype: term.dtypes[0],
      }))
    },
  }
}

const sizeOrLetter = (word: string) => (/^\d+$/.test(word) ? Number(word) : word)

function checkDType(operation: string, term: Term, spec: Spec): void {
  if (!term.dtypes.includes(spec.dtype)) {
    throw new ShapeError(
      operation,
      `${term.name} must be ${term.dtypes.join(' or ')}, got ${spec.dtype} ${shapeText(spec.shape)}`,
    )
  }
}

function pattern(term: Term): string {
  return `[${[...(term.leading ? ['…'] : []), ...term.axes].join(', ')}]`
}
