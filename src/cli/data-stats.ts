import type { Command } from 'commander'
import { quantity } from '../base/index.ts'
import type { StageReport } from '../data/index.ts'
import { languageIdentifier } from '../data/language/index.ts'
import { openSources, openTokenizer } from '../node/index.ts'
import { type ReadFlags, splitOf, withReading } from './data-flags.ts'
import { problemsText } from './data-problems.ts'
import { percent, ratio } from './data-report.ts'
import { indexText, piecesOf } from './data-rows.ts'
import { wholeNumber } from './engine.ts'
import { openPreparedFolder, type PreparedFolder } from './prepared-folder.ts'
import { bar } from './progress-line.ts'
import { stageProgress } from './stage-progress.ts'
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

type Progress = ReturnType<typeof stageProgress>

async function countSources(names: readonly string[], flags: StatsFlags, progress: Progress): Promise<Counted> {
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

/** Tokens that are read at a time. */
const windowTokens = 1 << 20

async function countShards(
  prepared: PreparedFolder,
  { most = Number.POSITIVE_INFINITY }: StatsFlags,
  progress: Progress,
): Promise<Counted> {
  const { train, tokenizer, index } = prepared
  const counter = new TextCounter(await languageIdentifier(), tokenizer)
  // Rows end documents; without rows only separators do, and a document may go on in the next window.
  const step =
    index.rowTokens === undefined
      ? windowTokens
      : Math.max(1, Math.floor(windowTokens / index.rowTokens)) * index.rowTokens
  let documents = 0
  let rest = new Uint32Array(0)
  for (let at = 0; at < train.length && documents < most; at += step) {
    const ids = await train.read(at, Math.min(step, train.length - at))
    const stride = index.rowTokens ?? ids.length
    for (let row = 0; row < ids.length && documents < most; row += stride) {
      const { whole, open } =
        index.rowTokens === undefined
          ? cutOpen(rest, ids, index.separator, at + step >= train.length)
          : { whole: ids.subarray(row, row + stride), open: rest }
      rest = open
      for (const { ids: piece } of piecesOf(whole, index.separator).documents) {
        counter.add(tokenizer.decode(piece), piece.length)
        if (++documents >= most) break
      }
    }
    progress.show('read', (at + ids.length) / train.length, train.length * index.tokenBytes)
  }
  return { statistics: counter.statistics(), reports: [] }
}

/** What was left of the window before and this one, up to the last separator; and what is behind that. */
function cutOpen(rest: Uint32Array, ids: Uint32Array, separator: number | undefined, isLast: boolean) {
  const all = new Uint32Array(rest.length + ids.length)
  all.set(rest)
  all.set(ids, rest.length)
  const end = isLast || separator === undefined ? all.length : all.lastIndexOf(separator) + 1
  return { whole: all.subarray(0, end), open: all.slice(end) }
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
