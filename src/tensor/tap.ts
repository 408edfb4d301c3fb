import { ConfigError, ShapeError, sameShape, shapeText } from '../base/index.ts'
import { scopedName } from './origin.ts'
import type { Tensor } from './tensor.ts'

/** What to look at and what to change while a function writes its graph. */
export interface TapRequest {
  /** Names to make visible; `*` stands for one part of a name: `blocks.*.residual`. */
  readonly taps?: readonly string[]
  /** Values to put in the place of the computed ones, by full name. */
  readonly replace?: Readonly<Record<string, Tensor>>
}

interface Trace {
  readonly wanted: readonly RegExp[]
  readonly replace: ReadonlyMap<string, Tensor>
  readonly found: Map<string, Tensor>
  readonly used: Set<string>
}

// Graphs are written synchronously, so the function being traced is always the innermost one.
const traces: Trace[] = []

/**
 * Names a value, so that it can be looked at and replaced. Costs nothing when nobody asks: what no output needs is never
 * computed. Returns the replacement where there is one.
 *
 * @param value the value, or a function that writes it, called only when someone asks for it
 */
export function tap(name: string, value: Tensor): Tensor
export function tap(name: string, value: () => Tensor): Tensor | undefined
export function tap(name: string, value: Tensor | (() => Tensor)): Tensor | undefined {
  const trace = traces[traces.length - 1]
  const eager = typeof value === 'function' ? undefined : value
  if (trace === undefined) return eager
  const full = scopedName(name)
  const replacement = trace.replace.get(full)
  const wanted = trace.wanted.some((pattern) => pattern.test(full))
  if (replacement === undefined && !wanted) return eager
  const computed = typeof value === 'function' ? value() : value
  if (replacement !== undefined) {
    trace.used.add(full)
    if (!sameShape(replacement.shape, computed.shape)) {
      throw new ShapeError('replace', `${full} is ${shapeText(computed.shape)}, got ${shapeText(replacement.shape)}`)
    }
  }
  const result = replacement ?? computed
  if (wanted) trace.found.set(full, result)
  return replacement ?? eager
}

/**
 * Runs a function that writes a graph and collects the taps that were asked for.
 *
 * @throws ConfigError when a tap or a replacement names nothing: it lists what went unused
 *
 * @example
 * const body = () => scope('block', () => square(tap('half', constant([2], [1]))))
 * traced(body, { taps: ['block.*'] }).taps['block.half'] // [2]
 * traced(body, { replace: { 'block.half': constant([3], [1]) } }).result // [9]
 */
export function traced<T>(
  body: () => T,
  { taps = [], replace = {} }: TapRequest,
): { result: T; taps: Record<string, Tensor> } {
  const trace: Trace = {
    wanted: taps.map(patternOf),
    replace: new Map(Object.entries(replace)),
    found: new Map(),
    used: new Set(),
  }
  traces.push(trace)
  let result: T
  try {
    result = body()
  } finally {
    traces.pop()
  }
  const missing = [
    ...taps.filter((_, i) => ![...trace.found.keys()].some((name) => trace.wanted[i].test(name))),
    ...[...trace.replace.keys()].filter((name) => !trace.used.has(name)),
  ]
  if (missing.length > 0) throw new ConfigError(`no value is named ${missing.join(', ')}`)
  return { result, taps: Object.fromEntries(trace.found) }
}

function patternOf(name: string): RegExp {
  const parts = name.split('.').map((part) => (part === '*' ? '[^.]+' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${parts.join('\\.')}$`)
}
