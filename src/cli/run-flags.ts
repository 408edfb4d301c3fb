import { type Command, Option } from 'commander'
import { z } from 'zod'
import { definition } from './expected.ts'
import { fields, type GivenSettings } from './run-settings.ts'
import { validate } from './validate.ts'

/** `keyValueHeads` is `--key-value-heads`. */
const hyphened = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The flag of a field, without its hyphens. */
const flagOf = (key: string, field: z.ZodType) =>
  (z.globalRegistry.get(field)?.flag as string | undefined) ?? hyphened(key)

type Fields = Readonly<Record<string, z.ZodType>>

/** Adds a flag for each field of a schema, with its description, range and default. */
export function withFlags(command: Command, shape: Fields): Command {
  for (const [key, field] of Object.entries(shape)) {
    const { description, value } = field.meta() ?? {}
    const flag = flagOf(key, field)
    const def = definition(field)
    const { type } = def
    const words = def.type === 'enum' ? `: ${Object.values(def.entries).join(', ')}` : ''
    const option = new Option(`--${flag} <${value ?? (words ? 'name' : 'n')}>`, `${description}${words}`)
    // Of several values commander makes a list itself.
    if (type !== 'array') option.argParser((text) => validate(field, typed(text, type), () => `--${flag}`))
    if (field instanceof z.ZodDefault) option.default(field.def.defaultValue)
    command.addOption(option)
  }
  return command
}

/** Adds the flags of a training run. What they say of the world stands in files alone. */
export function withRunFlags(command: Command): Command {
  command.optionsGroup('Text:')
  withFlags(command, { data: fields.corpus.data, ...fields.tokenizer })
  command.optionsGroup('Model:')
  withFlags(command, fields.model)
  command.optionsGroup('Training:')
  return withFlags(command, fields.training)
}

/** What the user said with flags, as a file would say it. */
export function givenFlags(command: Command): GivenSettings {
  const values = command.opts()
  const said = (shape: Fields) =>
    Object.fromEntries(
      Object.entries(shape).flatMap(([key, field]) => {
        const name = flagOf(key, field).replace(/-(.)/g, (_, letter) => letter.toUpperCase())
        return command.getOptionValueSource(name) === 'cli' ? [[key, values[name]]] : []
      }),
    )
  return Object.fromEntries(Object.entries(fields).map(([section, shape]) => [section, said(shape)]))
}

function typed(text: string, type: string): unknown {
  if (type !== 'number' || text.trim() === '' || Number.isNaN(Number(text))) return text
  return Number(text)
}
