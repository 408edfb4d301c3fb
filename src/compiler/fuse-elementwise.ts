import { opcode, sameShape } from '../base/index.ts'
import { IDENTITY } from '../tensor/index.ts'
import { elementwiseOperation } from './elementwise.ts'
import { type Graph, keptValues, readersOf, type Step, type Use, type Value, writersOf } from './step.ts'

/** A call reads at most this many values, computes and writes so many; longer chains are cut. */
const MAX_INPUTS = 12
const MAX_INSTRUCTIONS = 40
const MAX_OUTPUTS = 6

/** A group of steps that become one call: all write values of one shape, and run where the last of them stood. */
interface Cluster {
  readonly members: readonly Step[]
  readonly last: number
}

/**
 * Joins chains of element-by-element steps into single calls, so that a value between two of them never goes to memory
 * unless someone else reads it. A step joins the clusters of its inputs when nobody outside reads a member's value before
 * the step's own place: then they can run together where their last member stands.
 */
export function fuseElementwise(graph: Graph, join = true): Graph {
  const writers = writersOf(graph.steps)
  const readers = readersOf(graph.steps)
  const kept = keptValues(graph)
  const place = new Map(graph.steps.map((step, i) => [step, i]))
  const clusterOf = new Map<Step, Cluster>()

  graph.steps.forEach((step, at) => {
    if (step.operation.opcode === undefined || isFree(step)) return
    const candidates = step.inputs.flatMap((use) => {
      const writer = use && writerThroughBroadcast(use, writers)
      const cluster = writer && clusterOf.get(writer)
      return cluster ? [cluster] : []
    })
    const joined: Cluster[] = []
    for (const cluster of join ? new Set(candidates) : []) {
      const members = [...joined, cluster].flatMap((one) => one.members)
      if (mayJoin(members, step, at, writers, readers, place, kept)) joined.push(cluster)
    }
    const members = joined.flatMap((cluster) => cluster.members)
    if (joined.length > 1) members.sort((a, b) => place.get(a)! - place.get(b)!)
    const cluster = { members: [...members, step], last: at }
    for (const member of cluster.members) clusterOf.set(member, cluster)
  })

  const steps = graph.steps.flatMap((step, at) => {
    if (step.operation.opcode === undefined) return [step]
    const cluster = clusterOf.get(step)
    if (cluster !== undefined) return cluster.last === at ? [fused(cluster.members, writers, readers, kept)] : []
    // A constant or a broadcast is read through; it is computed only for those who cannot do that.
    return needsMemory(step, readers, kept) ? [fused([step], writers, readers, kept)] : []
  })
  return { ...graph, steps }
}

/** Constants and broadcasts of anything cost nothing inside an element-by-element step. */
function isFree(step: Step): boolean {
  return step.operation.name === 'constant' || step.operation.name === 'broadcast'
}

/** Whether someone reads a free step's value as memory: a kernel, the outside, or a view of another shape. */
function needsMemory(step: Step, readers: ReadonlyMap<Value, Step[]>, kept: ReadonlySet<Value>): boolean {
  const { value, shape } = step.outputs[0]!
  if (kept.has(value)) return true
  return (readers.get(value) ?? []).some((reader) => {
    if (reader.operation.opcode === undefined) return true
    if (step.operation.name === 'constant') return false // the same number in every shape
    return reader.inputs.some((use) => use?.value === value && !sameShape(use.shape, shape))
  })
}

/** Follows a use to what an element-by-element reader really reads. */
function throughBroadcast(use: Use, writers: ReadonlyMap<Value, Step>): Use {
  const writer = writers.get(use.value)
  if (writer?.operation.name !== 'broadcast' || !sameShape(use.shape, writer.outputs[0]!.shape)) return use
  return throughBroadcast(writer.inputs[0]!, writers)
}

function writerThroughBroadcast(use: Use, writers: ReadonlyMap<Value, Step>): Step | undefined {
  return writers.get(throughBroadcast(use, writers).value)
}

function mayJoin(
  others: readonly Step[],
  step: Step,
  at: number,
  writers: ReadonlyMap<Value, Step>,
  readers: ReadonlyMap<Value, Step[]>,
  place: ReadonlyMap<Step, number>,
  kept: ReadonlySet<Value>,
): boolean {
  const { shape } = step.outputs[0]!
  if (others.some((other) => !sameShape(other.outputs[0]!.shape, shape))) return false
  const members = new Set([...others, step])
  // What was rounded to another dtype must be read back from there.
  const rounded = (use: Use | null) => {
    const writer = use === null ? undefined : writerThroughBroadcast(use, writers)
    return writer !== undefined && members.has(writer) && writer.outputs[0]!.value.dtype !== 'f32'
  }
  for (const member of members) if (member.inputs.some(rounded)) return false
  const inputs = new Set<Value>()
  let instructions = 0
  let outputs = 0
  for (const member of members) {
    instructions += 1 + member.inputs.length
    for (const use of member.inputs)
      if (use !== null && !members.has(writers.get(use.value) as Step)) inputs.add(use.value)
    const outside = (readers.get(member.outputs[0]!.value) ?? []).filter((reader) => !members.has(reader))
    if (outside.length > 0 || kept.has(member.outputs[0]!.value) || member === step) outputs++
    if (member !== step && outside.some((reader) => place.get(reader)! < at)) return false
  }
  return inputs.size <= MAX_INPUTS && instructions <= MAX_INSTRUCTIONS && outputs <= MAX_OUTPUTS
}

/** Writes the program of a cluster (kernels/README.md, `elementwise`). */
function fused(
  members: readonly Step[],
  writers: ReadonlyMap<Value, Step>,
  readers: ReadonlyMap<Value, Step[]>,
  kept: ReadonlySet<Value>,
): Step {
  const inside = new Map<Value, Step>(members.map((member) => [member.outputs[0]!.value, member]))
  const inputs: Use[] = []
  const external = new Map<string, number>()
  const constants = new Map<number | string, number>()
  const registers = new Map<Value, number>()
  const instructions: number[][] = []

  // Inputs are numbered before instructions, so they are collected first.
  const operands = members.map((member) => member.inputs.map((use) => throughBroadcast(use!, writers)))
  const isConstant = (use: Use) => writers.get(use.value)?.operation.name === 'constant'
  // Members write values of one shape, so a view that broadcasts to it has the same elements in the same order.
  const isInside = (use: Use) => inside.has(use.value)
  for (const use of operands.flat()) {
    const key = `${use.value.id} ${use.shape}`
    if (isConstant(use) || isInside(use) || external.has(key)) continue
    external.set(key, inputs.length)
    inputs.push(use)
  }
  const emit = (...instruction: number[]) =>
    inputs.length + instructions.push([...instruction, 0, 0, 0].slice(0, 4)) - 1
  const constantRegister = (value: number) => {
    const key = Object.is(value, -0) ? '-0' : value // to a Map, 0 and −0 are one
    const register = constants.get(key) ?? emit(opcode('constant'), value)
    constants.set(key, register)
    return register
  }
  const registerOf = (use: Use): number => {
    if (isConstant(use)) return constantRegister(writers.get(use.value)!.attributes.value as number)
    return isInside(use) ? registers.get(use.value)! : external.get(`${use.value.id} ${use.shape}`)!
  }

  members.forEach((member, i) => {
    const { opcode: code, name } = member.operation
    const register =
      name === 'constant'
        ? constantRegister(member.attributes.value as number)
        : code === IDENTITY
          ? registerOf(operands[i][0])
          : emit(code!, ...operands[i].map(registerOf))
    registers.set(member.outputs[0]!.value, register)
  })

  const visible = members.filter((member) => {
    const { value } = member.outputs[0]!
    return kept.has(value) || (readers.get(value) ?? []).some((reader) => !members.includes(reader))
  })
  return {
    operation: elementwiseOperation,
    inputs,
    outputs: visible.map((member) => member.outputs[0]),
    attributes: {
      code: instructions.flat(),
      results: visible.map((member) => registers.get(member.outputs[0]!.value)!),
    },
    flops: members.reduce((flops, member) => flops + member.flops, 0),
    // It runs where its last member stood.
    origin: members[members.length - 1].origin,
  }
}
