import type { Command } from 'commander'
import { quantity } from '../base/index.ts'
import type { StageReport } from '../data/index.ts'
import { languageIdentifier } from '../data/language/index.ts'
import { openTokenizer } from '../node/index.ts'
import { openSources } from '../node/prepare/index.ts'
import { type ReadFlags, splitOf, withReading } from './data-flags.ts'
import { problemsText } from './data-problems.ts'
import { percent, ratio } from './data-report.ts'
import { indexText } from './data-rows.ts'
import { wholeNumber } from './engine.ts'
import { openPreparedFolder, type PreparedFolder } from './prepared-folder.ts'
import { bar } from './progress-line.ts'
import { shardPieces } from './shard-pieces.ts'
import { type StageProgress, stageProgress } from './stage-progress.ts'
import { table } from './table.ts'
import { type Paint, painter } from './terminal.ts'
import { TextCounter, type TextStatistics } from './text-statistics.ts'

interface StatsFlags extends ReadFlags {
  readonly tokenizer?: string
  readonly most?: number
  readonly json?: boolean
}

export function addStats(parent: Command): void {
  const command = parent
    .command('stats')
    .description(
      'Counts what texts are like: documents, words, tokens, lengths, languages, and what could not be read.',
    )
    .argument('<folder or sources...>', 'a folder that `alippe data prepare` made, or files, folders, globs, addresses')
    .option('--tokenizer <path>', 'sources: count tokens of this tokenizer')
    .option('--most <n>', 'look at the first n documents (default: all)', wholeNumber(1))
  withReading(command).option('--json', 'print one JSON document').action(stats)
}

async function stats(names: readonly string[], flags: StatsFlags): Promise<void> {
  const prepared = await openPreparedFolder(names)
  const progress = stageProgress()
  const counted = await (prepared
    ? countShards(prepared, flags, progress)
    : countSources(names, flags, progress)
  ).catch((error) => {
    progress.stop()
    throw error
  })
  progress.end()
  const { statistics, reports } = counted
  if (flags.json) {
    const problems = reports.map(({ stage, dropped, changed }) => ({ stage, dropped, changed }))
    console.log(JSON.stringify({ names, ...statistics, ...(prepared ? { index: prepared.index } : { problems }) }))
    return
  }
  const paint = painter(process.stdout)
  const problems = problemsText(reports, paint)
  const unit = prepared?.index.rowTokens === undefined ? 'documents' : 'pieces of documents in rows'
  const index = prepared === undefined ? [] : [indexText(prepared, paint)]
  console.log([...index, statisticsText(statistics, unit, paint), ...(problems === '' ? [] : [problems])].join('\n\n'))
}

interface Counted {
  readonly statistics: TextStatistics
  readonly reports: readonly StageReport[]
}

async function countSources(names: readonly string[], flags: StatsFlags, progress: StageProgress): Promise<Counted> {
  const { textField, split, most = Number.POSITIVE_INFINITY } = flags
  const tokenizer = flags.tokenizer === undefined ? undefined : await openTokenizer(flags.tokenizer)
  const sources = await openSources(names, { textField, split: split === undefined ? undefined : splitOf(split) })
  const counter = new TextCounter(await languageIdentifier(), tokenizer)
  const whole = sources.inputs.reduce((sum, { size }) => sum + size, 0)
  let [documents, read] = [0, 0]
  for await (const { text } of sources) {
    counter.add(text)
    // Compressed files say nothing of how much text there is, so what is left is a guess.
    progress.show('read', Math.min(1, (read += text.length) / Math.max(1, whole)), whole)
    if (++documents >= most) break
  }
  return { statistics: counter.statistics(), reports: sources.reports() }
}

async function countShards(
  { train, tokenizer, index }: PreparedFolder,
  { most = Number.POSITIVE_INFINITY }: StatsFlags,
  progress: StageProgress,
): Promise<Counted> {
  const counter = new TextCounter(await languageIdentifier(), tokenizer)
  let documents = 0
  for await (const { ids, readTokens } of shardPieces(train)) {
    counter.add(tokenizer.decode(ids), ids.length)
    progress.show('read', readTokens / train.length, train.length * index.tokenBytes)
    if (++documents >= most) break
  }
  return { statistics: counter.statistics(), reports: [] }
}

function statisticsText(statistics: TextStatistics, unit: string, paint: Paint): string {
  const { documents, bytes, characters, words, lines, tokens, bytesPerToken, languages, lengths, lengthUnit } =
    statistics
  const mean = (value: number) => `${quantity(ratio(value, documents))} each`
  const figures = [
    [unit, documents.toLocaleString('en'), ''],
    ['bytes', bytes.toLocaleString('en'), mean(bytes)],
    ['characters', characters.toLocaleString('en'), mean(characters)],
    ['words', words.toLocaleString('en'), mean(words)],
    ['lines', lines.toLocaleString('en'), mean(lines)],
    ...(tokens === undefined ? [] : [['tokens', tokens.toLocaleString('en'), mean(tokens)]]),
    ...(bytesPerToken === undefined ? [] : [['bytes a token', bytesPerToken.toFixed(2), '']]),
  ]
  const most = lengths.reduce((greatest, { documents }) => Math.max(greatest, documents), 1)
  const ranges = lengths.map(({ from, documents: count }) => [
    quantity(from),
    paint('cyan', bar(count / most, 30)),
    count.toLocaleString('en'),
    percent(ratio(count, documents)),
  ])
  const shown = languages.slice(0, 12)
  const rest = languages.slice(12)
  const others = rest.reduce(
    (sum, { documents, bytes }) => ({ documents: sum.documents + documents, bytes: sum.bytes + bytes }),
    { documents: 0, bytes: 0 },
  )
  const rows = [...shown, ...(rest.length > 0 ? [{ language: `${rest.length} more`, ...others }] : [])].map((share) => [
    share.language === '?' ? 'cannot be said' : share.language,
    share.documents.toLocaleString('en'),
    quantity(share.bytes, 'B'),
    percent(ratio(share.bytes, bytes)),
  ])
  return [
    table(figures),
    table(ranges, { header: [`${lengthUnit} from`, '', 'documents', ''], paint }),
    table(rows, { header: ['language', 'documents', 'bytes', ''], paint }),
  ].join('\n\n')
}
