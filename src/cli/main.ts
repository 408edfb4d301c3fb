import { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { reportError } from './errors.ts'

// One file per verb, loaded when the verb is used: `alippe --version` must not wait for the engine.

const program = new Command('alippe')
  .description(packageJson.description)
  .version(packageJson.version)
  .showSuggestionAfterError()
  .showHelpAfterError('(see alippe --help)')
  .exitOverride()

const verbs: Readonly<Record<string, () => Promise<{ command: (parent: Command) => Command }>>> = {
  start: () => import('./start.ts'),
  train: () => import('./train.ts'),
  generate: () => import('./generate.ts'),
  chat: () => import('./chat.ts'),
  serve: () => import('./serve.ts'),
  quantize: () => import('./quantize.ts'),
  sweep: () => import('./sweep.ts'),
  explain: () => import('./explain.ts'),
  tokenizer: () => import('./tokenizer.ts'),
  data: () => import('./data.ts'),
  world: () => import('./world.ts'),
  import: () => import('./import.ts'),
  export: () => import('./export.ts'),
  inspect: () => import('./inspect.ts'),
  doctor: () => import('./doctor.ts'),
}

const summaries: Readonly<Record<keyof typeof verbs, string>> = {
  start: 'train a first model and talk to it',
  train: 'train a language model on any text',
  generate: 'continue a text with a trained model',
  chat: 'talk with a model in the terminal',
  serve: 'answer requests of the OpenAI API with a model',
  quantize: 'store a model in fewer bits, and say what that costs',
  sweep: 'train many small models and fit scaling laws to them',
  explain: 'show what the engine would do: its program, memory and work; the best size of a run',
  tokenizer: 'train, use and compare tokenizers',
  data: 'turn raw text into token shards to train on, and look into them',
  world: 'show the invented world that the default corpus tells of',
  import: 'copy a model that somebody else made into a folder of ours',
  export: 'write a model for llama.cpp, transformers or llama2.c',
  inspect: 'say what a file or a folder of a model is',
  doctor: 'say what this machine can do, and measure its limits',
}

// Whoever read the output may go away, as `| head` does: 128 + 13, as shells report a program that this ended.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})

try {
  const asked = process.argv[2]
  if (asked !== undefined && asked in verbs) (await verbs[asked]()).command(program)
  else
    for (const [verb, summary] of Object.entries(summaries)) program.command(verb).summary(summary).description(summary)
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportError(error)
}
