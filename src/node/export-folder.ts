import { join } from 'node:path'
import { ConfigError, type DType, isPacked, sizeOf } from '../base/index.ts'
import { floatNames, safetensorsHeader, safetensorsIndex } from '../formats/index.ts'
import { publishedLayout } from '../models/index.ts'
import { type TokenizerConfig, writeTokenizerFolder } from '../tokenizers/index.ts'
import { makeFolder, writeAtomically } from './files.ts'
import { type ModelSource, staysPlain } from './model-source.ts'
import { weightBytes } from './packed-bytes.ts'
import { roleTokens } from './role-tokens.ts'

/** What weights may be written as, with the names that config.json has for it. */
export const folderTypes = {
  f32: 'float32',
  f16: 'float16',
  bf16: 'bfloat16',
} as const satisfies Partial<Record<DType, string>>

export type FolderType = keyof typeof folderTypes

export interface ExportFolderOptions {
  /** How all weights are written; when not given as they are, and packed ones in f32. */
  readonly type?: FolderType
  /** Files of weights are cut before they have more bytes than this, unless one tensor has; one file when not given. */
  readonly shardBytes?: number
}

/**
 * Writes a model as a folder that `transformers` and others read, and that runs have: config.json, generation_config.json,
 * safetensors, and the files of the tokenizer. Weights that are others once more are left out. One tensor is in memory at a time.
 *
 * @throws ConfigError for a family whose layout is not known
 * @throws FileError when the folder cannot be written; each file is the old one or the whole new one then
 *
 * @example
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', model, state)
 * await exportFolder(await openModelSource('published'), 'copy', { type: 'bf16', shardBytes: 1e9 })
 */
export async function exportFolder(
  source: ModelSource,
  folder: string,
  options: ExportFolderOptions = {},
): Promise<void> {
  const { model, stored } = source
  const { type, shardBytes = Number.POSITIVE_INFINITY } = options
  const layout = publishedLayout(model.family)
  await makeFolder(folder)
  const planned = Object.entries(model.weights).map(([name, { shape }]) => {
    const from = stored[name]?.dtype ?? 'f32'
    const dtype: FolderType = type ?? (isPacked(from) ? 'f32' : (from as FolderType))
    return { name, shape, dtype }
  })
  const shards = cut(planned, shardBytes)
  const files = new Map<string, string>()
  let totalBytes = 0
  for (const [i, tensors] of shards.entries()) {
    const file = shards.length === 1 ? 'model.safetensors' : shardName(i + 1, shards.length)
    const header = safetensorsHeader(
      tensors.map(({ name, shape, dtype }) => ({ name, shape, dtype: floatNames[dtype] })),
    )
    totalBytes += header.fileBytes - header.bytes.length
    const dtypes = new Map(tensors.map(({ name, dtype }) => [name, dtype]))
    await writeAtomically(
      join(folder, file),
      (async function* () {
        yield header.bytes
        for (const { name } of header.entries) yield weightBytes(source, name, dtypes.get(name)!)
      })(),
    )
    for (const { name } of tensors) files.set(name, file)
  }
  const write = (name: string, text: string) => writeAtomically(join(folder, name), new TextEncoder().encode(text))
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  if (shards.length > 1) await write('model.safetensors.index.json', safetensorsIndex(files, totalBytes))
  const ids = tokenIds(source)
  const matrix = planned.find(({ name }) => !staysPlain(model, name))!
  await write('config.json', json({ ...layout.config(model), ...ids, torch_dtype: folderTypes[matrix.dtype] }))
  await write('generation_config.json', json({ _from_model_config: true, ...ids }))
  for (const [name, text] of Object.entries(tokenizerFiles(source))) await write(name, text)
}

const shardName = (number: number, of: number) =>
  `model-${String(number).padStart(5, '0')}-of-${String(of).padStart(5, '0')}.safetensors`

interface Planned {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: FolderType
}

function cut(planned: readonly Planned[], most: number): Planned[][] {
  if (!(most > 0)) throw new ConfigError(`files of weights must have a size above 0, got ${most}`)
  const shards: Planned[][] = [[]]
  let size = 0
  for (const each of planned) {
    const bytes = sizeOf(each.shape) * (each.dtype === 'f32' ? 4 : 2)
    if (size > 0 && size + bytes > most) {
      shards.push([])
      size = 0
    }
    shards.at(-1)!.push(each)
    size += bytes
  }
  return shards
}

function tokenIds(source: ModelSource): { bos_token_id: number | null; eos_token_id: number | null } {
  const { tokenizer, begin, end } = roleTokens(source) ?? {}
  const idOf = (name: string | undefined) => (name === undefined ? null : tokenizer!.idOf(name)!)
  return { bos_token_id: idOf(begin), eos_token_id: idOf(end) }
}

function tokenizerFiles(source: ModelSource): Readonly<Record<string, string>> {
  const { tokenizerText, chatTemplate, model } = source
  const roles = roleTokens(source)
  if (roles === undefined) return {}
  const { tokenizer, begin, end } = roles
  const token = (content: string | undefined) => (content === undefined ? undefined : { content, special: true })
  const named = { bos: token(begin), eos: token(end) }
  const config: TokenizerConfig = {
    specialTokens: Object.fromEntries(
      Object.entries(named).filter((entry) => entry[1] !== undefined),
    ) as TokenizerConfig['specialTokens'],
    extraSpecialTokens: [],
    addedTokens: [],
    chatTemplate,
    modelMaxLength: model.context,
    cleanUpTokenizationSpaces: false,
    tokenizerClass: 'PreTrainedTokenizerFast',
  }
  // The tokenizer's own text stays as it was written.
  return {
    ...(writeTokenizerFolder(tokenizer, config) as unknown as Record<string, string>),
    'tokenizer.json': tokenizerText!,
  }
}
