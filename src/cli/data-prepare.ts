import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Recipe } from '../data/prepare/index.ts'
import { writeAtomically } from '../node/index.ts'
import { type Prepared, prepare } from '../node/prepare/index.ts'
import {
  type DedupFlags,
  type FilterFlags,
  type ReadFlags,
  recipeOf,
  type ShardFlags,
  withDedup,
  withFilters,
  withReading,
  withShards,
} from './data-flags.ts'
import { reportText } from './data-report.ts'
import { wholeNumber } from './engine.ts'
import { interruptible } from './interruptible.ts'
import { reportPage } from './report-page.ts'
import { stageProgress } from './stage-progress.ts'
import { painter } from './terminal.ts'

export interface PrepareFlags extends ReadFlags, FilterFlags, DedupFlags, ShardFlags, RunFlags {}

interface RunFlags {
  readonly output: string
  readonly workers?: number
  readonly keepWork?: boolean
  readonly json?: boolean
}

export function addPrepare(parent: Command): void {
  const command = parent
    .command('prepare')
    .description(
      'Makes token shards to train on: reads, filters, removes duplicates, learns a tokenizer, encodes, mixes, shuffles. ' +
        'What was interrupted goes on with the same command.',
    )
    .argument('<sources...>', 'files, folders, globs, addresses, - for standard input; NAME=<source> names one')
    .requiredOption('-o, --output <folder>', 'where shards, tokenizer and report go')
  for (const add of [withFilters, withReading, withDedup]) add(command)
  command
    .option('--tokenizer <path>', 'a tokenizer that there is (default: one is learned)')
    .option('--vocab <n>', 'tokens of the tokenizer that is learned (default: 8192)', wholeNumber(257))
  withRun(withShards(command))
    .addHelpText(
      'after',
      '\nalippe data prepare texts/ -o corpus --tokens 512' +
        '\nalippe data prepare web=crawl/*.jsonl.gz wiki=wiki.parquet -o corpus --languages en kk --weights web=3,wiki=1' +
        '\nalippe data prepare notes.txt --split "blank line" --without gopher c4 -o corpus',
    )
    .action(async (sources: string[], flags: PrepareFlags) => makeShards(sources, await recipeOf(flags), flags))
}

/** How shards are made, whatever they are made of. */
export function withRun(command: Command): Command {
  return command
    .option(
      '--workers <n>',
      'threads; the result is the same with any number (default: one for each core)',
      wholeNumber(1),
    )
    .option('--keep-work', 'leave cleaned documents where they are, for another recipe in the same folder')
    .option('--json', 'print one JSON document')
}

/** Prepares a folder, shows how far it is, and says what came of it. */
export async function makeShards(names: readonly string[], recipe: Recipe, flags: RunFlags): Promise<void> {
  const { output, workers, keepWork, json } = flags
  const goesOn = existsSync(join(output, '.work'))
  const progress = stageProgress()
  const started = performance.now()
  progress.show('inputs', 0)
  const prepared = await interruptible(
    () =>
      prepare({
        names,
        recipe,
        output,
        workers,
        keepWork,
        onProgress: ({ stage, share, inputBytes }) =>
          progress.show(stage, share, stage === 'inputs' ? undefined : inputBytes),
      }),
    `The same command goes on; what is done so far is in ${join(output, '.work')}.`,
    progress.stop,
  ).catch((error) => {
    progress.stop()
    throw error
  })
  progress.end()
  const seconds = (performance.now() - started) / 1000
  await writeReport(output, names, prepared)
  if (json)
    console.log(JSON.stringify({ output, reused: prepared.reused, index: prepared.index, report: prepared.report }))
  else {
    const paint = painter(process.stdout)
    const { columns } = process.stdout
    // A run that goes on has not read what it tells of, so its speed would be wrong.
    console.log(reportText({ output, prepared, seconds: goesOn ? undefined : seconds, columns, paint }))
  }
}

async function writeReport(output: string, names: readonly string[], { report, index }: Prepared): Promise<void> {
  const page = reportPage({ title: names.join(', '), stages: report.stages, prepared: { report, index } })
  await writeAtomically(join(output, 'report.html'), new TextEncoder().encode(page))
}
