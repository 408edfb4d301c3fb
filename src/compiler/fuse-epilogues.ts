import { type Shape, sameShape, sizeOf } from '../base/index.ts'
import {
  activations,
  layerNormBackward,
  matmulOperation,
  packedMatmulOperation,
  rmsNormBackward,
} from '../tensor/index.ts'
import {
  dependsOn,
  type Graph,
  keptValues,
  readersOf,
  type Step,
  sorted,
  type Use,
  type Value,
  writersOf,
} from './step.ts'

/**
 * What follows a matrix product and touches each element once (bias, activation, residual) moves into the product; a sum
 * that follows the backward of a norm moves into that.
 */
export function fuseEpilogues(graph: Graph): Graph {
  let current = graph
  for (;;) {
    const next = fuseOnce(current)
    if (next === current) return current
    current = next
  }
}

/** One round: every product takes at most one neighbour, so that the maps below stay true while they are used. */
function fuseOnce(graph: Graph): Graph {
  const readers = readersOf(graph.steps)
  const writers = writersOf(graph.steps)
  const kept = keptValues(graph)
  const place = new Map(graph.steps.map((step, i) => [step, i]))
  const replaced = new Map<Step, Step | null>()
  const touched = new Set<Step>()
  let doubtful: [Step, Fused] | undefined
  const fuse = (step: Step, found: Fused) => {
    replaced.set(step, null)
    replaced.set(found.absorbed, found.fused)
    touched.add(step).add(found.absorbed)
  }
  // What is added must not itself need the step. It does not when it stands before the step, or when nobody but the
  // absorbed sum reads the step; such fusions keep an order of the graph valid and can be made all at once.
  const isSafe = (step: Step, { added }: Fused) => {
    const writer = added && writers.get(added)
    if (writer === undefined || place.get(writer)! < place.get(step)!) return true
    return !step.outputs.slice(1).some((use) => use !== null && readers.has(use.value))
  }
  for (const step of graph.steps) {
    if (touched.has(step)) continue
    const rule = isMatmul(step) ? afterMatmul : isNormBackward(step) ? afterNorm : undefined
    const found = rule?.(step, readers, kept)
    if (found === undefined || touched.has(found.absorbed)) continue
    if (isSafe(step, found)) fuse(step, found)
    else if (!dependsOn(found.added!, step, writers)) doubtful ??= [step, found]
  }
  if (replaced.size === 0 && doubtful !== undefined) fuse(...doubtful)
  if (replaced.size === 0) return graph
  const steps = graph.steps.flatMap((step) => {
    const to = replaced.get(step)
    return to === undefined ? [step] : to === null ? [] : [to]
  })
  return sorted({ ...graph, steps })
}

interface Fused {
  readonly absorbed: Step
  readonly fused: Step
  /** What the absorbed sum adds. */
  readonly added?: Value
}

type Readers = ReadonlyMap<Value, Step[]>

const isMatmul = ({ operation }: Step) => operation === matmulOperation || operation === packedMatmulOperation

const isNormBackward = (step: Step) => step.operation === layerNormBackward || step.operation === rmsNormBackward

function afterMatmul(step: Step, readers: Readers, kept: ReadonlySet<Value>): Fused | undefined {
  const [a, b, bias = null, residual = null] = step.inputs
  const c = step.outputs[0]!
  if (residual !== null) return undefined
  const users = readers.get(c.value) ?? []
  const only = users.length === 1 && !kept.has(c.value) ? users[0] : undefined
  const attributes = step.attributes

  if (only?.operation.name === 'add') {
    const other = otherOperand(only, c)
    if (other === undefined || !isFloat(other)) return undefined
    if (isRow(other.shape, c.shape[c.shape.length - 1]) && bias === null && attributes.activation === 0) {
      const row = { value: other.value, shape: [c.shape[c.shape.length - 1]] }
      return { absorbed: only, fused: joined(step, only, [a, b, row, null], attributes), added: other.value }
    }
    if (sizeOf(other.shape) === sizeOf(c.shape) && sameShape(other.shape, only.outputs[0]!.shape)) {
      const rows = { value: other.value, shape: c.shape }
      return { absorbed: only, fused: joined(step, only, [a, b, bias, rows], attributes), added: other.value }
    }
    return undefined
  }
  if (attributes.activation !== 0) return undefined
  const activation = users.find((user) => activations.slice(1).includes(user.operation.name as never))
  if (activation === undefined || !sizedAlike(activation.outputs[0]!, c)) return undefined
  const pre = only === undefined ? c : null
  if (pre !== null && step.operation === packedMatmulOperation) return undefined
  const index = activations.indexOf(activation.operation.name as never)
  return {
    absorbed: activation,
    fused: joined(step, activation, [a, b, bias, null], { ...attributes, activation: index }, pre),
  }
}

/** `step` with the result of `last`, seen in the shape of its own. */
function joined(
  step: Step,
  last: Step,
  inputs: (Use | null)[],
  attributes: Step['attributes'],
  pre: Use | null = step.outputs[1] ?? null,
): Step {
  const c = { value: last.outputs[0]!.value, shape: step.outputs[0]!.shape }
  const outputs = step.operation === packedMatmulOperation ? [c] : [c, pre]
  return { ...step, inputs, outputs, attributes, flops: step.flops + last.flops }
}

function afterNorm(step: Step, readers: Readers, kept: ReadonlySet<Value>): Fused | undefined {
  const dx = step.outputs[0]!
  const users = readers.get(dx.value) ?? []
  if (step.inputs[3] || users.length !== 1 || kept.has(dx.value) || users[0].operation.name !== 'add') return undefined
  const other = otherOperand(users[0], dx)
  if (other === undefined || !isFloat(other) || !sizedAlike(other, dx) || !sizedAlike(users[0].outputs[0]!, dx))
    return undefined
  const inputs = [...step.inputs.slice(0, 3), { value: other.value, shape: dx.shape }]
  const result = { value: users[0].outputs[0]!.value, shape: dx.shape }
  return {
    absorbed: users[0],
    fused: { ...step, inputs, outputs: [result, ...step.outputs.slice(1)], flops: step.flops + users[0].flops },
    added: other.value,
  }
}

/** The operand of a sum that is not `mine`; none when mine stands on both sides or was broadcast. */
function otherOperand(add: Step, mine: Use): Use | undefined {
  const [x, y] = add.inputs
  if (x!.value === y!.value) return undefined
  const [own, other] = x!.value === mine.value ? [x!, y!] : [y!, x!]
  return sizedAlike(own, mine) && sizedAlike(add.outputs[0]!, mine) ? other : undefined
}

const isFloat = ({ value }: Use) => value.dtype === 'f32'

const sizedAlike = (a: Use, b: Use) => sizeOf(a.shape) === sizeOf(b.shape)

const isRow = (shape: Shape, columns: number) => sizeOf(shape) === columns && shape[shape.length - 1] === columns
