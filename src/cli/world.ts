import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { ConfigError } from '../base/index.ts'
import { type Genre, genres, type Language, world } from '../data/index.ts'
import { numberIn, wholeNumber } from './engine.ts'
import { painter } from './terminal.ts'
import { describePerson } from './world-person.ts'
import { isTaskGenre, type RecordFlags, records, type TaskGenre, taskGenres } from './world-records.ts'
import { printSamples } from './world-samples.ts'
import { printStatistics } from './world-statistics.ts'

interface WorldFlags extends RecordFlags {
  readonly genre: readonly string[]
  readonly language?: Language
  readonly worldSeed: number
  readonly families: number
  readonly villages: number
  readonly holdOutFacts: number
  readonly holdOutTemplates: number
  readonly facts?: string
  readonly statistics?: boolean
  readonly jsonl?: boolean
  readonly json?: boolean
}

const documentGenres = Object.keys(genres) as Genre[]

export function command(program: Command): Command {
  return program
    .command('world')
    .description(
      'Shows the invented world that the default corpus tells of: samples, statistics, what is known of people.',
    )
    .option('-g, --genre <names...>', `documents: ${documentGenres.join(', ')}, all; tasks: ${taskGenres.join(', ')}`, [
      'short',
    ])
    .addOption(new Option('-l, --language <code>', 'only this language').choices(['en', 'kk']))
    .option('-n, --count <n>', 'how many samples or records', wholeNumber(1), 8)
    .option('-s, --seed <n>', 'which samples: a series of documents, a set of tasks', wholeNumber(0), 0)
    .option('--from <n>', 'number of the first document', wholeNumber(0), 0)
    .option('--world-seed <n>', 'which world', wholeNumber(0), 1)
    .option('--families <n>', 'ten people each, up to 64', wholeNumber(1), 6)
    .option('--villages <n>', 'up to 64', wholeNumber(2), 12)
    .option('--hold-out-facts <share>', 'share of the facts of people that no document tells', numberIn(0), 0)
    .option('--hold-out-templates <share>', 'share of wordings that no document uses', numberIn(0), 0)
    .option('--held-out', 'tasks: only about what no document asks')
    .option('--shots <n>', 'in-context: examples before the question', wholeNumber(0), 8)
    .option('--bytes <n>', 'recall: length of a prompt', wholeNumber(256), 4096)
    .option('--facts <name>', 'what is known of a person, with the family')
    .option('--statistics', 'entities, facts, kinds of document, entropy of each')
    .option('--messages', 'records of conversations: {messages} instead of {text}')
    .option('--jsonl', 'print one record a line, as a corpus')
    .option('--json', 'print the statistics as one JSON document')
    .addHelpText(
      'after',
      '\nalippe world                                   a few documents, and how much they tell' +
        '\nalippe world -g tales dialogues -l kk          longer ones in Kazakh' +
        '\nalippe world -g instructions --messages --jsonl -n 10000 > chat.jsonl' +
        '\nalippe world -g multiple-choice --held-out     tasks about what no document asks' +
        '\nalippe world --facts Aigul                     a person and the family',
    )
    .action(show)
}

async function show(flags: WorldFlags): Promise<void> {
  const { documents, task } = genresOf(flags.genre)
  const shown = world({
    seed: flags.worldSeed,
    families: flags.families,
    villages: flags.villages,
    genres: documents,
    heldOut: { facts: flags.holdOutFacts, templates: flags.holdOutTemplates },
  })
  const paint = painter(process.stdout)
  if (flags.facts !== undefined) console.log(describePerson(shown, flags.facts, paint, flags.json))
  else if (flags.json) console.log(JSON.stringify({ worldSeed: shown.seed, genres: documents, ...shown.statistics() }))
  else if (flags.statistics) printStatistics(shown, paint)
  else if (flags.jsonl) await writeLines(records(shown, task, flags))
  else printSamples(shown, task, flags, paint)
}

/** The genres of documents that the world has, and the tasks to show in their place, if any. */
function genresOf(names: readonly string[]): { documents: readonly Genre[]; task?: TaskGenre } {
  const tasks = names.filter(isTaskGenre)
  const documents = names.includes('all') ? documentGenres : names.filter((name) => !isTaskGenre(name))
  const unknown = documents.find((name) => !Object.hasOwn(genres, name))
  if (unknown !== undefined)
    throw new ConfigError(`--genre takes ${[...documentGenres, 'all', ...taskGenres].join(', ')}; got ${unknown}`)
  if (tasks.length > 1) throw new ConfigError(`--genre takes one sort of task at a time, got ${tasks.join(' and ')}`)
  return { documents: documents.length === 0 ? ['short'] : (documents as Genre[]), task: tasks[0] }
}

/** Prints records as they are made, no faster than they are read. */
async function writeLines(lines: Iterable<object>): Promise<void> {
  const { stdout } = process
  for (const line of lines) {
    if (!stdout.write(`${JSON.stringify(line)}\n`)) await once(stdout, 'drain')
  }
}
