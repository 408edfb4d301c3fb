import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { ConfigError, quantity } from '../base/index.ts'
import {
  exportFolder,
  exportGguf,
  exportLlama2c,
  exportLlmc,
  type FolderType,
  folderTypes,
  type GgufFileType,
  ggufFileTypes,
  type ModelSource,
} from '../node/index.ts'
import { modelArgument, openArgument } from './model-argument.ts'
import { shardSizeOption } from './weight-options.ts'

const forms = ['gguf', 'huggingface', 'llama2c', 'llmc'] as const

interface ExportFlags {
  readonly to: (typeof forms)[number]
  readonly type?: GgufFileType
  readonly output?: string
  readonly name?: string
  readonly shardSize?: number
  readonly best?: boolean
  readonly json?: boolean
}

export function command(program: Command): Command {
  return program
    .command('export')
    .description('Writes a model in a form that other programs read: llama.cpp, transformers, llama2.c, llm.c.')
    .argument('<model>', modelArgument)
    .addOption(new Option('--to <form>', 'what to write').choices(forms).makeOptionMandatory())
    .addOption(
      new Option(
        '--type <type>',
        'how to write weights; folders hold f32, f16 and bf16, llm.c f32 and bf16, llama2.c f32',
      ).choices(Object.keys(ggufFileTypes)),
    )
    .option('-o, --output <path>', 'file or folder to write (default: model.gguf, model-huggingface or model.bin)')
    .option('--name <name>', 'name of the model, inside GGUF')
    .addOption(shardSizeOption())
    .option('--best', 'take the checkpoint with the least validation loss, not the newest')
    .option('--json', 'print one JSON document')
    .action(run)
}

async function run(name: string, flags: ExportFlags): Promise<void> {
  const { to, json, best } = flags
  const output =
    flags.output ??
    { gguf: 'model.gguf', huggingface: 'model-huggingface', llama2c: 'model.bin', llmc: 'model.bin' }[to]
  const source = await openArgument(name, { best })
  try {
    const note = await writers[to](source, output, flags)
    const { size } = await stat(to === 'huggingface' ? `${output}/config.json` : output)
    if (json)
      console.log(
        JSON.stringify({
          model: name,
          output,
          to,
          type: flags.type,
          ...(to !== 'huggingface' && { bytes: size }),
          note,
        }),
      )
    else {
      console.log(to === 'huggingface' ? output : `${output}: ${quantity(size, 'B')}`)
      if (note !== undefined) console.log(note)
    }
  } finally {
    source.close()
  }
}

type Writer = (source: ModelSource, output: string, flags: ExportFlags) => Promise<string | undefined>

const writers: Readonly<Record<(typeof forms)[number], Writer>> = {
  async gguf(source, output, { type, name, shardSize }) {
    refuseShards(shardSize)
    await exportGguf(source, output, { type, name })
    return undefined
  },
  async huggingface(source, output, { type, shardSize }) {
    if (type !== undefined && !Object.hasOwn(folderTypes, type)) {
      throw new ConfigError(`a Hugging Face folder holds ${Object.keys(folderTypes).join(', ')}, got --type ${type}`)
    }
    await exportFolder(source, output, { type: type as FolderType | undefined, shardBytes: shardSize })
    return undefined
  },
  async llama2c(source, output, { type = 'f32', shardSize }) {
    refuseShards(shardSize)
    if (type !== 'f32') throw new ConfigError(`a checkpoint of llama2.c is f32, got --type ${type}`)
    const why = await exportLlama2c(source, output)
    return why && `no tokenizer.bin beside it: ${why}`
  },
  async llmc(source, output, { type = 'f32', shardSize }) {
    refuseShards(shardSize)
    if (type !== 'f32' && type !== 'bf16')
      throw new ConfigError(`a checkpoint of llm.c is f32 or bf16, got --type ${type}`)
    await exportLlmc(source, output, type)
    return undefined
  },
}

function refuseShards(shardSize: number | undefined): void {
  if (shardSize !== undefined) throw new ConfigError('--shard-size goes with --to huggingface')
}
