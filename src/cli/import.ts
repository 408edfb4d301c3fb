import type { Command } from 'commander'
import { quantity } from '../base/index.ts'
import { parameterCount } from '../nn/index.ts'
import { exportFolder, type FolderType } from '../node/index.ts'
import { modelArgument, openArgument } from './model-argument.ts'
import { folderTypeOption, shardSizeOption } from './weight-options.ts'

interface ImportFlags {
  readonly type?: FolderType
  readonly shardSize?: number
  readonly json?: boolean
}

export function command(program: Command): Command {
  return program
    .command('import')
    .description('Copies a model that somebody else made into a folder that every other verb takes.')
    .argument('<source>', modelArgument)
    .argument('<folder>', 'where to put it')
    .addOption(folderTypeOption('how to write weights (default: as they are; packed ones as f32)'))
    .addOption(shardSizeOption())
    .option('--json', 'print one JSON document')
    .action(run)
}

async function run(name: string, folder: string, { type, shardSize, json }: ImportFlags): Promise<void> {
  const source = await openArgument(name)
  try {
    await exportFolder(source, folder, { type, shardBytes: shardSize })
    const { kind, model, tokenizerText, chatTemplate } = source
    const parameters = parameterCount(model.weights)
    const has = { tokenizer: tokenizerText !== undefined, chatTemplate: chatTemplate !== undefined }
    if (json) console.log(JSON.stringify({ source: name, kind, folder, family: model.family, parameters, ...has }))
    else {
      console.log(`${folder}: ${model.family} of ${quantity(parameters)} parameters, from ${kind}`)
      if (!has.tokenizer)
        console.log('There is no tokenizer in it: put a tokenizer.json into the folder to generate text.')
    }
  } finally {
    source.close()
  }
}
