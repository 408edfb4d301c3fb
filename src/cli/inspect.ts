import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { byteLength, quantity, shapeText, sizeOf } from '../base/index.ts'
import { describeFile, type FileDescription, type ModelSource, openModelSource, openTokenizer } from '../node/index.ts'
import { localPath, modelArgument } from './model-argument.ts'
import { printable } from './printable.ts'
import { table } from './table.ts'
import { painter } from './terminal.ts'

interface InspectFlags {
  readonly tensors?: boolean
  readonly json?: boolean
}

export function command(program: Command): Command {
  return program
    .command('inspect')
    .description('Says what a file or a folder is: a model with its sizes and weights, or a tokenizer.')
    .argument('<path>', `${modelArgument}; a safetensors file; or a tokenizer`)
    .option('--tensors', 'list every tensor')
    .option('--json', 'print one JSON document')
    .action(run)
}

interface Row {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: number
}

interface Description {
  readonly path: string
  readonly kind: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly tensors?: readonly Row[]
  /** Why it is no model that can be used, though its file can be read. */
  readonly note?: string
}

async function run(name: string, { tensors = false, json = false }: InspectFlags): Promise<void> {
  const path = await localPath(name)
  const description = await describe(path)
  if (json) {
    const { tensors: rows, ...rest } = description
    console.log(
      JSON.stringify(
        { ...rest, ...(tensors && { tensors: rows }) },
        (_, value) => (typeof value === 'bigint' ? String(value) : value),
        2,
      ),
    )
  } else console.log(inWords(description, tensors))
}

async function describe(path: string): Promise<Description> {
  const isTokenizer = /(tokenizer\.json|\.tiktoken|\.model|vocab\.(txt|json)|merges\.txt)$/.test(basename(path))
  if (isTokenizer) return tokenizerDescription(path)
  const file = (await stat(path).catch(() => undefined))?.isFile() ? describeFile(path) : undefined
  try {
    const source = await openModelSource(path)
    try {
      return modelDescription(path, source, file)
    } finally {
      source.close()
    }
  } catch (error) {
    if (file !== undefined) return { path, ...file, note: (error as Error).message }
    const tokenizer = await tokenizerDescription(path).catch(() => undefined)
    if (tokenizer !== undefined) return { ...tokenizer, note: (error as Error).message }
    throw error
  }
}

async function tokenizerDescription(path: string): Promise<Description> {
  const { vocabSize, specials, parts } = await openTokenizer(path)
  const facts = { tokens: vocabSize, model: String(parts.model.toJson().type), specials: [...specials.keys()] }
  return { path, kind: 'tokenizer', facts }
}

function modelDescription(path: string, source: ModelSource, file: FileDescription | undefined): Description {
  const { model, stored, kind, tokenizerText, chatTemplate, specials } = source
  const rows = Object.entries(model.weights).map(([name, { shape }]): Row => {
    const { dtype = 'f32' } = stored[name] ?? {}
    return { name, dtype, shape, bytes: source.bytes(name).length }
  })
  const bytes = rows.reduce((total, row) => total + row.bytes, 0)
  const parameters = rows.reduce((total, { shape }) => total + sizeOf(shape), 0)
  const dtypes: Record<string, number> = {}
  for (const { dtype, shape } of rows) dtypes[dtype] = (dtypes[dtype] ?? 0) + sizeOf(shape)
  const cache = model.cacheSize
  const facts = {
    family: model.family,
    parameters,
    weightBytes: bytes,
    bitsPerWeight: (8 * bytes) / parameters,
    dtypes,
    vocabulary: model.vocabSize,
    context: model.context,
    layers: cache.layers,
    cacheBytesPerToken: byteLength('f32', [2, cache.layers, cache.keyValueHeads, cache.headWidth]),
    tokenizer: tokenizerText !== undefined,
    chatTemplate: chatTemplate !== undefined,
    ...(Object.keys(specials ?? {}).length > 0 && { specials }),
    ...(file && { fileBytes: statSync(path).size }),
  }
  return {
    path: source.path,
    kind,
    facts,
    metadata: { ...model.config, ...file?.metadata },
    tensors: file?.tensors ?? rows,
  }
}

function inWords({ path, kind, facts, metadata = {}, tensors = [], note }: Description, all: boolean): string {
  const paint = painter(process.stdout)
  const parts = [
    paint('bold', `${path}: ${kind}`),
    table(Object.entries(facts).map(([name, value]) => [titles[name] ?? name, factText(name, value)])),
  ]
  const shown = Object.entries(metadata).map(([name, value]) => [printable(name), shortText(value)])
  if (shown.length > 0) parts.push(table(shown, { header: ['setting', 'value'], paint }))
  if (all && tensors.length > 0) {
    const rows = tensors.map(({ name, dtype, shape, bytes }) => [
      printable(name),
      dtype,
      shapeText(shape),
      quantity(bytes, 'B'),
    ])
    parts.push(table(rows, { header: ['tensor', 'type', 'shape', 'size'], paint }))
  } else if (tensors.length > 0) parts.push(paint('dim', `${tensors.length} tensors; --tensors lists them`))
  if (note !== undefined) parts.push(`${paint('yellow', '! It cannot be used as a model here:')} ${note}`)
  return parts.join('\n\n')
}

const titles: Readonly<Record<string, string>> = {
  weightBytes: 'weights',
  fileBytes: 'file',
  bitsPerWeight: 'bits a weight',
  cacheBytesPerToken: 'cache a token',
  chatTemplate: 'chat template',
}

function factText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') {
    if (/Bytes/.test(name)) return quantity(value, 'B')
    return name === 'parameters' ? quantity(value) : String(Number(value.toFixed(2)))
  }
  if (name === 'dtypes') {
    return Object.entries(value as Record<string, number>)
      .map(([dtype, count]) => `${dtype} ${quantity(count)}`)
      .join(', ')
  }
  return shortText(value)
}

/** A value on one line, of a file that may hold anything. */
function shortText(value: unknown): string {
  const list = Array.isArray(value) || ArrayBuffer.isView(value) ? (value as unknown as ArrayLike<unknown>) : undefined
  if (list !== undefined && list.length > 8) {
    return `${list.length}: ${Array.from({ length: 5 }, (_, i) => shortText(list[i])).join(', ')}, …`
  }
  const text =
    typeof value === 'string'
      ? value
      : list
        ? Array.from(list, shortText).join(', ')
        : (JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? 'none')
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
