import type { BufferRef, KernelCall } from '../backend/index.ts'
import { elementwiseOperations, quantity, shapeText } from '../base/index.ts'
import { bytesMovedBy, type Plan } from './plan.ts'

/**
 * A plan as text: one line a call with its cost, what is computed twice to save memory, and the totals.
 *
 * @example
 * explain(plan({ outputs: { y: add(input('x', [3]), 1) } })).includes('1 calls') // true
 */
export function explain(plan: Plan): string {
  const rows = plan.calls.map((call, i) => [
    String(i),
    nameOf(call),
    `${refsText(call.inputs, plan)} → ${refsText(call.outputs, plan)}`.trim(),
    quantity(plan.callFlops[i], 'FLOP'),
    quantity(bytesMovedBy(call), 'B'),
  ])
  const heading = ['', 'kernel', 'inputs → outputs', 'work', 'traffic']
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const lines = [heading, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column >= 3 || column === 0 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  )
  return [
    ...lines,
    '',
    ...recomputedText(plan),
    arenaText(plan),
    `${plan.calls.length} calls · arena ${quantity(plan.arenaBytes, 'B')} · state ${quantity(plan.stateBytes, 'B')} · ${quantity(plan.flops, 'FLOP')} · ${quantity(plan.bytesMoved, 'B')} moved`,
  ].join('\n')
}

/** What is computed a second time, blocks taken together; no line when nothing is. */
function recomputedText({ recomputed, recomputedFlops, flops }: Plan): string[] {
  if (recomputed.length === 0) return []
  const kinds = Object.entries(Object.groupBy(recomputed, (name) => name.replace(/\d+/g, '*')))
  const names = kinds.map(([name, calls]) => (calls!.length === 1 ? name : `${calls!.length} × ${name}`))
  const share = ((100 * recomputedFlops) / (flops - recomputedFlops)).toFixed(1)
  return [`recomputed: ${names.join(', ')}; ${share} % more work`]
}

function arenaText({ arena }: Plan): string {
  const parts = Object.entries(arena).filter(([, bytes]) => bytes > 0)
  return `arena at its fullest: ${parts.map(([kind, bytes]) => `${kind} ${quantity(bytes, 'B')}`).join(', ')}`
}

function nameOf(call: KernelCall): string {
  if (call.kernel !== 'elementwise') return call.kernel
  const code = call.attributes[0] as readonly number[]
  const names: string[] = []
  for (let i = 0; i < code.length; i += 4) if (code[i] !== 0) names.push(elementwiseOperations[code[i]].name)
  return names.length === 0 ? 'copy' : names.join('·')
}

/** The buffers of one side of a call; of very many, the first few. */
function refsText(refs: readonly (BufferRef | null)[], plan: Plan): string {
  const present = refs.filter((ref) => ref !== null)
  const shown = present.slice(0, 8).map((ref) => refText(ref, plan))
  return present.length > 8 ? `${shown.join(' ')} … ${present.length - 8} more` : shown.join(' ')
}

function refText(ref: BufferRef, plan: Plan): string {
  const where = ref.segment === 0 ? `@${ref.offset.toString(16)}` : plan.states[ref.segment - 1].name
  return `${where}${shapeText(ref.shape)}${ref.dtype === 'f32' ? '' : ref.dtype}`
}
