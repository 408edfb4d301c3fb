import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { duration } from '../base/index.ts'
import { promptFor, type World } from '../data/index.ts'
import { type Generator, generator } from '../infer/index.ts'
import type { Tokenizer } from '../tokenizers/index.ts'
import { sayChoices } from './choices.ts'
import { END_OF_TEXT, filesCorpus, prepareTokens, stageLine, worldCorpus, worldOf } from './corpus.ts'
import { type EngineFlags, openEngine, wholeNumber, withEngine } from './engine.ts'
import { goOnCommand } from './go-on-command.ts'
import { openSession } from './open-session.ts'
import { settlePrecision } from './precision.ts'
import { readToml } from './read-toml.ts'
import { modelOf, nameOf, resolveRun } from './resolve-run.ts'
import { begunPrecision } from './run-file.ts'
import { givenSettings } from './run-settings.ts'
import { painter } from './terminal.ts'
import { describeRun, watchSession } from './watch.ts'

interface StartFlags extends EngineFlags {
  readonly text?: string[]
  readonly recipe: string
  readonly steps?: number
  readonly once?: boolean
}

const firstRecipe = join(import.meta.dirname, '..', '..', 'recipes', 'first.toml')

export function command(program: Command): Command {
  return withEngine(
    program
      .command('start')
      .description(
        'Trains a first language model from scratch and lets you talk to it. A second start goes on where the first ended.',
      )
      .option('--text <paths...>', 'train on files and folders of text in place of the invented world')
      .option('--recipe <file>', 'sizes and settings', firstRecipe)
      .option('--steps <n>', 'steps of training (default: as the recipe says)', wholeNumber(1))
      .option('--once', 'end after a few answers in place of waiting for questions'),
  ).action(start)
}

async function start(flags: StartFlags): Promise<void> {
  const paint = painter(process.stdout)
  const begun = performance.now()
  const said = { corpus: { data: flags.text }, training: { steps: flags.steps } }
  const { settings: run, derived } = resolveRun(said, await readToml(flags.recipe, givenSettings))
  const { data, documents } = run.corpus
  const known = data === undefined ? worldOf(run.corpus) : undefined
  const corpus = known ? worldCorpus(known, documents) : await filesCorpus(data!)
  const backend = await openEngine(flags)

  console.log(paint('bold', 'Alippe trains a language model from scratch.'))
  const prepared = await prepareTokens({
    corpus,
    cache: join('runs', 'cache'),
    vocabSize: run.tokenizer.vocabulary,
    tokens: run.training.tokens,
    onProgress: stageLine(),
  })
  const model = modelOf(run, prepared.tokenizer.vocabSize)
  const folder = join('runs', `first-${await nameOf(model, prepared, run.training)}`)
  const { settings, why } = await settlePrecision(run.training, backend, await begunPrecision(folder))
  sayChoices(why, derived)
  const session = await openSession({
    folder,
    backend,
    model,
    settings,
    tokens: prepared,
    tokenizerJson: prepared.tokenizerJson,
    resume: true,
  })
  const watched = {
    session,
    settings,
    prepared,
    corpus,
    backend,
    folder,
    goOn: goOnCommand(process.argv, [], process.env),
  }
  describeRun(watched)
  let finished = session.from === settings.steps
  if (finished) console.log('The model is trained already; remove the folder to train it anew.')
  else finished = await watchSession(watched)

  if (finished) {
    const writer = generator(model, session.run.state)
    const talk = { writer, tokenizer: prepared.tokenizer, known, paint }
    await showAnswers(talk)
    console.log(paint('dim', `${duration(performance.now() - begun)} from start to here.`))
    if (!flags.once && process.stdin.isTTY && process.stdout.isTTY) await converse(talk)
    writer.release()
  }
  session.run.release()
  await backend.close()
}

interface Talk {
  readonly writer: Generator
  readonly tokenizer: Tokenizer
  /** The world that the model was trained on; without one, a prompt is text to go on from. */
  readonly known: World | undefined
  readonly paint: ReturnType<typeof painter>
}

const SHOWN_ANSWERS = 8

/** Tokens of the longest answer. */
const ANSWER_TOKENS = 64

async function answer(
  { writer, tokenizer, known }: Talk,
  asked: string,
  onPiece: (piece: string) => void = () => {},
): Promise<string> {
  const end = tokenizer.specials.get(END_OF_TEXT)!
  const prompt = known ? promptFor(asked) : asked
  const ids = [end, ...tokenizer.encode(prompt)]
  const decoder = tokenizer.stream()
  let text = ''
  const take = (piece: string) => {
    text += piece
    onPiece(piece)
  }
  const options = {
    maxTokens: known ? ANSWER_TOKENS : 200,
    temperature: known ? 0 : 0.8,
    stop: [end],
    vocabSize: tokenizer.vocabSize,
  }
  for await (const id of writer.generate(ids, options)) take(decoder.push(id))
  take(decoder.end())
  return text
}

/** Questions of the world that no training text asked, with their answers; or a text of the model's own. */
async function showAnswers(talk: Talk): Promise<void> {
  const { known, paint } = talk
  if (known === undefined) {
    console.log(`\n${paint('bold', 'It writes:')} ${(await answer(talk, '\n')).trim()}`)
    return
  }
  console.log(`\n${paint('bold', 'Questions that stood in no text it has read:')}`)
  // Of every kind of question as many, so that the common ones do not decide.
  const asked = Map.groupBy(known.questions({ heldOut: true }), ({ kind, language }) => `${kind} ${language}`)
  const chosen = [...asked.values()].flatMap((group) => [group[0], group[group.length >> 1]])
  let right = 0
  for (const [i, { question }] of chosen.entries()) {
    const reply = (await answer(talk, question)).trim()
    const isRight = known.isRight(question, reply)
    if (isRight) right++
    if (i % Math.ceil(chosen.length / SHOWN_ANSWERS) === 0) {
      console.log(`  ${question}\n  ${isRight ? paint('green', '✓') : paint('red', '✗')} ${reply}`)
    }
  }
  console.log(`${right} of ${chosen.length} such questions are answered right.`)
}

async function converse(talk: Talk): Promise<void> {
  const { known, paint } = talk
  console.log(
    known
      ? `\nAsk about its people and villages, in English or Kazakh; for example: ${known.questions()[0].question} An empty line ends.`
      : '\nType the beginning of a text. An empty line ends.',
  )
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    for (;;) {
      const line = (await lines.question(paint('cyan', '> '))).trim()
      if (line === '') return
      // Answers of the world are one short line; texts are long, so they are shown as they are written.
      if (known) console.log((await answer(talk, line)).trim())
      else {
        await answer(talk, line, (piece) => process.stdout.write(piece))
        process.stdout.write('\n')
      }
    }
  } catch (error) {
    // Ctrl-C or Ctrl-D at the prompt is a goodbye.
    if ((error as Error).name !== 'AbortError') throw error
  } finally {
    lines.close()
  }
}
