import { z } from 'zod'

type Schema = z.core.$ZodType

/** What a default, or something that is made of the value, is wrapped around; undefined where nothing is. */
function inner(schema: Schema): Schema | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'optional' || def.type === 'default' || def.type === 'prefault') return def.innerType
  return def.type === 'pipe' ? def.in : undefined
}

/** The definition of what a value must be when it is there. */
export function definition(schema: Schema): z.core.$ZodTypes['_zod']['def'] {
  const wrapped = inner(schema)
  return wrapped ? definition(wrapped) : (schema as z.core.$ZodTypes)._zod.def
}

/**
 * What must stand at a place, in words. A schema may say it itself: `.meta({ expected: 'bytes, as "2GB"' })`.
 *
 * @example
 * expected(z.int().min(1)) // 'a whole number from 1 on'
 */
export function expected(schema: Schema): string {
  const said = z.globalRegistry.get(schema)?.expected
  if (typeof said === 'string') return said
  const wrapped = inner(schema)
  if (wrapped) return expected(wrapped)
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'number':
      return `a ${'format' in def ? 'whole number' : 'number'}${range(def)}`
    case 'enum':
      return `one of ${words(Object.values(def.entries))}`
    case 'string':
      return 'text in quotes'
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list in [ ]'
    case 'object':
    case 'record':
      return 'a table'
    case 'literal':
      return def.values.map(String).join(' or ')
    case 'union':
      return def.options.map(expected).join(' or ')
    default:
      return def.type
  }
}

const words = (values: readonly unknown[]) => values.map((value) => `"${value}"`).join(', ')

/** ` from 0 to 1`, ` above 0`, ` from 1 on`; nothing where every number will do. */
function range({ checks = [] }: z.core.$ZodNumberDef): string {
  let [low, high] = ['', '']
  for (const check of checks) {
    const def = check._zod.def as z.core.$ZodCheckGreaterThanDef | z.core.$ZodCheckLessThanDef
    if (def.check === 'greater_than') low = `${def.inclusive ? 'from' : 'above'} ${def.value}`
    if (def.check === 'less_than') high = `${def.inclusive ? 'to' : 'to below'} ${def.value}`
  }
  if (low !== '') return ` ${low}${high ? ` ${high}` : low.startsWith('from') ? ' on' : ''}`
  return high.replace(/^to (below )?/, (_, below) => (below ? ' below ' : ' up to '))
}
