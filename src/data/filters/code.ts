import type { Draft } from './filter.ts'

/** Ends of names of files that hold programs or data and not prose. */
const endings = new Set(
  'ts tsx mts cts js jsx mjs cjs py ipynb rb rs go java kt scala swift c h cc cpp cxx hpp cu cs php pl lua r jl sh bash ps1 sql css scss less json jsonc yaml yml toml xml svg vue wgsl glsl'.split(
    ' ',
  ),
)

/**
 * Whether a document is a program: its meta says `kind: 'code'`, or its id ends as the name of a source file. Rules made
 * for prose do not apply to it.
 *
 * @example
 * isCode(new Draft({ id: 'src/main.ts', text: 'export {}', source: 's', meta: {} })) // true
 */
export function isCode({ id, meta }: Pick<Draft, 'id' | 'meta'>): boolean {
  if (typeof meta.kind === 'string') return meta.kind === 'code'
  const dot = id.lastIndexOf('.')
  return dot >= 0 && id.length - dot <= 6 && endings.has(id.slice(dot + 1).toLowerCase())
}
