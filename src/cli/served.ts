import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { Backend } from '../backend/index.ts'
import { chatTemplate } from '../chat/index.ts'
import { inferenceEngine } from '../infer/index.ts'
import { fileError } from '../node/index.ts'
import type { ServedModel } from '../serve/index.ts'
import { readTokenizerJson } from '../tokenizers/index.ts'
import { type EngineFlags, wholeNumber, withEngine } from './engine.ts'
import { openModel } from './open-model.ts'

/** What the command line says of a model that answers. */
export interface ServedFlags extends EngineFlags {
  readonly name?: string
  readonly chatTemplate?: string
  readonly cache: 'f32' | 'bf16' | 'int8' | 'int4'
  readonly cacheTokens?: number
  readonly maxTexts?: number
  readonly best?: boolean
}

/** Adds `<model>` and how it is opened. */
export function withServed(command: Command): Command {
  return withEngine(
    command
      .argument('<model>', 'folder of a run or of a model, a file of GGUF, or hub:OWNER/NAME[@REVISION][:FILE]')
      .option('--chat-template <file>', 'Jinja template of conversations, where the model has none')
      .addOption(
        new Option('--cache <dtype>', 'what keys and values are kept as')
          .choices(['f32', 'bf16', 'int8', 'int4'])
          .default('bf16'),
      )
      .option('--cache-tokens <n>', 'tokens that all texts may have together (default: four contexts)', wholeNumber(1))
      .option('--best', 'take the checkpoint with the least validation loss, not the newest'),
  )
}

/** A model with its tokenizer, template and engine. */
export async function openServed(path: string, backend: Backend, flags: ServedFlags): Promise<ServedModel> {
  const {
    model,
    state,
    stored,
    tokenizerText,
    chatTemplate: own,
    specials,
  } = await openModel(path, backend, {
    ...flags,
    keep: () => true,
  })
  const tokenizer = readTokenizerJson(tokenizerText)
  const engine = inferenceEngine(model, state, {
    stored,
    cacheDType: flags.cache,
    cacheTokens: flags.cacheTokens,
    maxTexts: flags.maxTexts,
  })
  const template = flags.chatTemplate === undefined ? own : await readTemplate(flags.chatTemplate)
  const idNamed = (name: string | undefined) => (name === undefined ? undefined : tokenizer.idOf(name))
  const begin = idNamed(specials?.begin)
  const end = idNamed(specials?.end) ?? tokenizer.specials.get('<|endoftext|>')
  return {
    id: flags.name ?? basename(path).replace(/\.gguf$/, ''),
    engine,
    tokenizer,
    template:
      template === undefined
        ? undefined
        : chatTemplate(template, {
            specials: tokenizer.specials.keys(),
            variables: { bos_token: specials?.begin ?? '', eos_token: specials?.end ?? '' },
          }),
    chatTemplateText: template,
    context: Math.min(model.context, flags.cacheTokens ?? model.context),
    beginId: begin,
    stopIds: end === undefined ? [] : [end],
    created: Math.floor(Date.now() / 1000),
  }
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw fileError('read', path, error)
  }
}
