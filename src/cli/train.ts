import { join } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../base/index.ts'
import { sayChoices } from './choices.ts'
import { type Corpus, filesCorpus, folderTokens, prepareTokens, stageLine, worldCorpus, worldOf } from './corpus.ts'
import { type DryRunOptions, dryRun } from './dry-run.ts'
import { dryRunText } from './dry-run-text.ts'
import { type EngineFlags, openEngine, withEngine } from './engine.ts'
import { goOnCommand } from './go-on-command.ts'
import { openSession } from './open-session.ts'
import { settlePrecision } from './precision.ts'
import { openPreparedFolder, type PreparedFolder } from './prepared-folder.ts'
import { readToml } from './read-toml.ts'
import { modelOf, nameOf, resolveRun } from './resolve-run.ts'
import { begunPrecision } from './run-file.ts'
import { givenFlags, withRunFlags } from './run-flags.ts'
import { optimizerOf } from './run-options.ts'
import { type GivenSettings, givenSettings, type RunSettings } from './run-settings.ts'
import { painter } from './terminal.ts'
import { describeRun, watchSession } from './watch.ts'

interface TrainFlags extends EngineFlags {
  readonly config?: string
  readonly out?: string
  readonly resume?: boolean
  readonly dryRun?: boolean
  readonly measure: boolean
  readonly json?: boolean
}

export function command(program: Command): Command {
  const command = program
    .command('train')
    .description('Trains a language model on any text, Markdown or code; without --data on an invented world.')
    .option('--config <file>', 'settings in TOML, as recipes/small.toml; flags come before it')
    .option('--out <folder>', 'where the run is kept (default: runs/<name made from the settings>)')
    .option('--resume', 'go on from the newest checkpoint of the run')
    .option('--dry-run', 'say what the run would take: parameters, memory, work, time; then stop')
    .option('--no-measure', 'dry run: do not run a few steps to see how long they take')
    .option('--json', 'print metrics as JSON lines; dry run: one JSON document')
  return withRunFlags(withEngine(command))
    .addHelpText(
      'after',
      '\nalippe train --depth 6 --dry-run' +
        '\nalippe train --config recipes/gpt2-124m.toml --data corpus --steps 200' +
        '\nalippe train --data notes.md --depth 4 --precision auto',
    )
    .action(run)
}

async function run(flags: TrainFlags, command: Command): Promise<void> {
  const file = flags.config === undefined ? {} : await readToml(flags.config, givenSettings)
  const said = givenFlags(command)
  const data = said.corpus?.data ?? file.corpus?.data
  const folder = data && (await openPreparedFolder(data))
  const { settings: run, derived } = resolveRun(said, file, folder ? saidBy(folder, said, file) : {})
  // What cannot be is refused before any text is read.
  const planned = modelOf(run)
  optimizerOf(run.training)
  if (flags.dryRun)
    return sayPlan(flags, run, { model: planned, derived, packed: folder?.index.rowTokens !== undefined })
  const { corpus, prepared } = folder
    ? { corpus: { title: folder.path }, prepared: await folderTokens(folder, run.training.tokens) }
    : await readTokens(run)
  const model = modelOf(run, prepared.tokenizer.vocabSize)
  const backend = await openEngine(flags)
  const runFolder = flags.out ?? join('runs', await nameOf(model, prepared, run.training))
  const { settings, why } = await settlePrecision(run.training, backend, await begunPrecision(runFolder))
  const session = await openSession({
    folder: runFolder,
    backend,
    model,
    settings,
    tokens: prepared,
    tokenizerJson: prepared.tokenizerJson,
    resume: flags.resume === true,
  })
  const goOn = goOnCommand(process.argv, [['--out', runFolder], ['--resume']], process.env)
  const watched = { session, settings, prepared, corpus, backend, folder: runFolder, goOn, json: flags.json }
  if (!flags.json) {
    sayChoices(why, derived)
    describeRun(watched)
  }
  await watchSession(watched)
  session.run.release()
  await backend.close()
}

async function sayPlan(
  flags: TrainFlags,
  run: RunSettings,
  planned: Pick<DryRunOptions, 'model' | 'derived' | 'packed'>,
): Promise<void> {
  const backend = await openEngine(flags)
  const settled = await settlePrecision(run.training, backend)
  const report = await dryRun({ ...planned, ...settled, backend, measure: flags.measure, onMeasure: sayMeasuring })
  await backend.close()
  console.log(flags.json ? JSON.stringify(report, null, 2) : dryRunText(report, painter(process.stdout)))
}

/** Tells why nothing seems to happen. */
function sayMeasuring(): void {
  console.error('Running a few steps to see how long they take …')
}

/** Rows of a prepared folder say how long they are, unless the user does; its vocabulary is what it is. */
function saidBy({ index, path }: PreparedFolder, ...said: readonly GivenSettings[]): GivenSettings {
  const vocabulary = said.find(({ tokenizer }) => tokenizer?.vocabulary)?.tokenizer?.vocabulary
  if (vocabulary !== undefined && vocabulary !== index.vocabSize) {
    throw new ConfigError(
      `the vocabulary is to be ${vocabulary}, but the tokenizer of ${path} has ${index.vocabSize} tokens: leave --vocab out`,
    )
  }
  const training = index.rowTokens === undefined ? {} : { tokens: index.rowTokens - 1 }
  return { tokenizer: { vocabulary: index.vocabSize }, training }
}

async function readTokens({ corpus: asked, tokenizer, training }: RunSettings) {
  const corpus: Corpus = asked.data ? await filesCorpus(asked.data) : worldCorpus(worldOf(asked), asked.documents)
  const prepared = await prepareTokens({
    corpus,
    cache: join('runs', 'cache'),
    vocabSize: tokenizer.vocabulary,
    tokens: training.tokens,
    onProgress: stageLine(),
  })
  return { corpus, prepared }
}
