import { createInterface, type Interface } from 'node:readline'
import type { Command } from 'commander'
import { ConfigError } from '../base/index.ts'
import { encodeChat, type Message, writtenText } from '../chat/index.ts'
import type { Request } from '../infer/index.ts'
import type { ServedModel } from '../serve/index.ts'
import { openEngine, wholeNumber } from './engine.ts'
import { type SamplingFlags, samplingOptions, withSampling } from './sampling-flags.ts'
import { openServed, type ServedFlags, withServed } from './served.ts'
import { painter } from './terminal.ts'

interface ChatFlags extends ServedFlags, SamplingFlags {
  readonly system?: string
  readonly tokens: number
  readonly seed: number
}

export function command(program: Command): Command {
  return withSampling(
    withServed(program.command('chat').description('Talks with a model in the terminal.'))
      .option('--system <text>', 'what the model is told before the conversation')
      .option('-n, --tokens <n>', 'tokens of an answer at most', wholeNumber(1), 512)
      .option('--seed <n>', 'makes the answers reproducible', wholeNumber(0), 1),
  )
    .addHelpText('after', '\nalippe chat model.gguf --system "Answer in Kazakh."')
    .action(run)
}

const help = `/clear    begin anew
/system TEXT   tell the model something before the conversation, and begin anew
"""       begin and end a message of several lines
/?        this
Ctrl-C ends an answer, Ctrl-D the conversation.`

async function run(path: string, flags: ChatFlags): Promise<void> {
  const backend = await openEngine(flags)
  const model = await openServed(path, backend, { ...flags, maxTexts: 1 })
  try {
    if (model.template === undefined) {
      const fact = `${path} has no chat template, so that nobody knows how it reads a conversation`
      throw new ConfigError(`${fact}; give one with --chat-template, or go on with a text by alippe generate`)
    }
    const lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: process.stdin.isTTY ? '› ' : '',
    })
    if (process.stdin.isTTY) console.log(`${model.id}: /? tells what can be done here.`)
    await converse(model, flags, lines)
  } finally {
    await model.engine.close()
    await backend.close()
  }
}

async function converse(model: ServedModel, flags: ChatFlags, lines: Interface): Promise<void> {
  let system = flags.system
  let messages = begun(system)
  /** Lines of a message between `"""`. */
  let open: string[] | undefined
  let writing: Request | undefined
  lines.on('SIGINT', () => (writing === undefined ? lines.close() : writing.cancel()))
  let isOpen = true
  lines.once('close', () => {
    isOpen = false
  })
  lines.prompt()
  for await (const line of lines) {
    const isMark = line.trim() === '"""'
    if (open === undefined ? isMark : !isMark) {
      open = open === undefined ? [] : [...open, line]
      continue
    }
    const text = open?.join('\n') ?? line.trim()
    open = undefined
    if (text === '/?') console.log(help)
    else if (text === '/clear') messages = begun(system)
    else if (text.startsWith('/system ')) {
      system = text.slice('/system '.length)
      messages = begun(system)
    } else if (text !== '') {
      messages.push({ role: 'user', content: text })
      const answer = await answered(model, flags, messages, (request) => {
        writing = request
      })
      writing = undefined
      if (answer === undefined) messages.pop()
      else messages.push({ role: 'assistant', content: answer })
    }
    if (isOpen) lines.prompt()
  }
}

const begun = (system: string | undefined): Message[] =>
  system === undefined ? [] : [{ role: 'system', content: system }]

/** Shows an answer as it comes. @returns undefined when there is no room for one */
async function answered(
  model: ServedModel,
  flags: ChatFlags,
  messages: readonly Message[],
  onBegin: (request: Request) => void,
) {
  const paint = painter(process.stdout)
  const { tokenizer, template, engine, context, stopIds } = model
  const { ids } = encodeChat(tokenizer, template!.render(messages, { addGenerationPrompt: true }))
  if (ids.length >= context) {
    console.log(
      paint('dim', `The conversation fills the ${context} tokens that ${model.id} reads; /clear begins anew.`),
    )
    return undefined
  }
  const request = engine.submit(ids, {
    ...samplingOptions(flags),
    maxTokens: flags.tokens,
    seed: flags.seed,
    stop: stopIds,
    vocabSize: tokenizer.vocabSize,
  })
  onBegin(request)
  let answer = ''
  for await (const { text } of writtenText(request, tokenizer, [])) {
    answer += text
    process.stdout.write(text)
  }
  const { figures, ids: written } = await request.result
  const speed = ((written.length - 1) * 1000) / figures.restMs
  process.stdout.write(answer.endsWith('\n') ? '' : '\n')
  if (process.stdout.isTTY && written.length > 1) console.log(paint('dim', `${speed.toFixed(0)} tokens/s`))
  return answer
}
