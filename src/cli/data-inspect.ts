import { type Command, Option } from 'commander'
import { ConfigError } from '../base/index.ts'
import { type Documents, memoryFolder } from '../data/index.ts'
import { languageIdentifier } from '../data/language/index.ts'
import { cleaningOf, learnJudges, openSources, readJudges } from '../node/prepare/index.ts'
import { type FilterFlags, type ReadFlags, recipeOf, withFilters, withReading } from './data-flags.ts'
import { judgeAll, judgementText } from './data-judge.ts'
import { problemsText } from './data-problems.ts'
import { drawRows, rowsText } from './data-rows.ts'
import { wholeNumber } from './engine.ts'
import { openPreparedFolder } from './prepared-folder.ts'
import { painter } from './terminal.ts'

interface InspectFlags extends ReadFlags, FilterFlags {
  readonly count?: number
  readonly seed: number
  readonly from: 'train' | 'validation'
  readonly dropped?: boolean
  readonly against?: readonly string[]
  readonly json?: boolean
}

const defaultRows = 3
const defaultDocuments = 10

export function addInspect(parent: Command): void {
  const command = parent
    .command('inspect')
    .description(
      'Looks at documents one by one. Of a prepared folder: rows as the model will see them. Of sources: what the filters say of each document.',
    )
    .argument('<folder or sources...>', 'a folder that `alippe data prepare` made, or files, folders, globs, addresses')
    .option('-n, --count <n>', `how many (default: ${defaultRows} rows, ${defaultDocuments} documents)`, wholeNumber(1))
    .option('--seed <n>', 'prepared folders: which rows', wholeNumber(0), 1)
    .addOption(
      new Option('--from <split>', 'prepared folders: which part').choices(['train', 'validation']).default('train'),
    )
    .option('--dropped', 'sources: only documents that are left out')
  withReading(withFilters(command))
    .option('--against <files...>', 'sources: evaluation texts, whose passages are taken out')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nalippe data inspect corpus                     rows of a prepared folder' +
        '\nalippe data inspect crawl.jsonl.gz --dropped   what would be left out, and why',
    )
    .action(inspect)
}

async function inspect(names: readonly string[], flags: InspectFlags): Promise<void> {
  const prepared = await openPreparedFolder(names)
  if (prepared === undefined) return inspectSources(names, flags)
  const { count = defaultRows, seed, from, json } = flags
  if (from === 'validation' && prepared.validation === undefined) {
    throw new ConfigError(`${prepared.path} has no validation documents; leave --from out`)
  }
  const rows = await drawRows(prepared, { split: from, count, seed })
  if (json) console.log(JSON.stringify({ folder: prepared.path, index: prepared.index, rows }))
  else console.log(rowsText(prepared, rows, painter(process.stdout)))
}

/** Documents that bands of perplexity are set by. */
const sampled = 5000

async function inspectSources(names: readonly string[], flags: InspectFlags): Promise<void> {
  const { count = defaultDocuments, dropped, json } = flags
  const recipe = await recipeOf(flags)
  const sources = await openSources(names, recipe.read)
  const folder = memoryFolder()
  const judges = await learnJudges(recipe, folder, () => first(sources, sampled))
  const { filters } = await cleaningOf(recipe, await readJudges(folder, judges))
  const identifier = await languageIdentifier()
  const options = { filters, identifier, count, droppedOnly: dropped }
  const { judgements, read, kept } = await judgeAll(sources, options)
  const reports = sources.reports()
  if (json) {
    console.log(
      JSON.stringify({
        read,
        kept,
        documents: judgements,
        problems: reports.map(({ stage, dropped }) => ({ stage, dropped })),
      }),
    )
    return
  }
  const paint = painter(process.stdout)
  const columns = Math.min(process.stdout.columns ?? 100, 120)
  for (const judgement of judgements) console.log(`${judgementText(judgement, columns, paint)}\n`)
  console.log(
    `${read.toLocaleString('en')} documents read, ${kept.toLocaleString('en')} kept, ${(read - kept).toLocaleString('en')} dropped`,
  )
  const problems = problemsText(reports, paint)
  if (problems !== '') console.log(`\n${problems}`)
}

async function* first(documents: Documents, most: number) {
  let count = 0
  for await (const document of documents) {
    yield document
    if (++count === most) return
  }
}
