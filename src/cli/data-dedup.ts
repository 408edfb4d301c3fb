import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { createGzip, createZstdCompress } from 'node:zlib'
import type { Command } from 'commander'
import { ConfigError, duration, quantity } from '../base/index.ts'
import type { Documents } from '../data/index.ts'
import { writeAtomically } from '../node/index.ts'
import { type Cluster, dedupe } from '../node/prepare/index.ts'
import { type BandsFigures, bandsFigures, bandsTable } from './data-bands.ts'
import { type DedupFlags, type ReadFlags, recipeOf, withDedup, withReading } from './data-flags.ts'
import { stageTable } from './data-report.ts'
import { numberIn, wholeNumber } from './engine.ts'
import { interruptible } from './interruptible.ts'
import { excerpt } from './printable.ts'
import { reportPage } from './report-page.ts'
import { stageProgress } from './stage-progress.ts'
import { type Paint, painter } from './terminal.ts'

interface DedupVerbFlags extends ReadFlags, DedupFlags {
  readonly output: string
  readonly recipe?: string
  readonly passages?: number
  readonly passageMemory: number
  readonly workers?: number
  readonly json?: boolean
}

export function addDedup(parent: Command): void {
  const command = parent
    .command('dedup')
    .description('Leaves out documents that were there before, equal or similar, and writes the others as JSONL.')
    .argument('<sources...>', 'files, folders, globs, addresses, - for standard input')
    .requiredOption('-o, --output <path>', 'out.jsonl, also .gz and .zst; or a folder, which gets report.html too')
    .option('--recipe <file>', 'settings in TOML, of which [read] and [dedup] count; flags come before it')
  withDedup(withReading(command))
    .option('--passages <bytes>', 'remove passages of so many bytes that were there before', wholeNumber(8))
    .option('--passage-memory <GB>', 'what they may take: nine times the text', numberIn(0), 2)
    .option(
      '--workers <n>',
      'threads; the result is the same with any number (default: one for each core)',
      wholeNumber(1),
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nalippe data dedup crawl/*.jsonl.gz -o clean.jsonl.zst' +
        '\nalippe data dedup notes/ --near-threshold 0.5 --lines -o notes-once' +
        '\nalippe data dedup train.jsonl --no-exact --no-near --against test.jsonl -o decontaminated.jsonl',
    )
    .action(run)
}

async function run(names: readonly string[], flags: DedupVerbFlags): Promise<void> {
  const { output, passages, passageMemory, workers, json } = flags
  const { read, dedup } = await recipeOf(flags)
  const file = fileOf(output)
  const work = join(dirname(file), `.${basename(file)}.work`)
  const progress = stageProgress()
  const started = performance.now()
  progress.show('inputs', 0)
  const { clusters, stages } = await interruptible(
    async () => {
      const deduped = await dedupe({
        names,
        recipe: { read, dedup },
        work,
        workers,
        ...(passages !== undefined && { passages: { shortest: passages, memoryLimitBytes: passageMemory * 1e9 } }),
        onProgress: ({ stage, share, inputBytes }) =>
          progress.show(stage === 'clean' ? 'read' : stage, share, stage === 'clean' ? inputBytes : undefined),
      })
      progress.show('write', 0)
      await mkdir(dirname(file), { recursive: true })
      await writeAtomically(file, compressed(file, lines(deduped.documents)))
      return { clusters: deduped.clusters, stages: deduped.reports() }
    },
    `The same command goes on; what is done so far is in ${work}.`,
    progress.stop,
  ).catch((error) => {
    progress.stop()
    throw error
  })
  progress.end()
  await rm(work, { recursive: true, force: true })
  const pagePath = file === output ? undefined : join(output, 'report.html')
  if (pagePath !== undefined) {
    await writeAtomically(pagePath, new TextEncoder().encode(reportPage({ title: names.join(', '), stages })))
  }
  const bands = bandsFigures({ dedup })
  if (json) {
    console.log(JSON.stringify({ output: file, stages, bands, clusters: clusters.map(shortened) }))
    return
  }
  const paint = painter(process.stdout)
  const written = stages[stages.length - 1].out
  const parts = [
    stageTable(stages, paint),
    ...clusterText(clusters, paint),
    ...(bands ? [bandsText(bands, paint)] : []),
  ]
  console.log(parts.join('\n\n'))
  console.log(
    `\n${file}: ${written.documents.toLocaleString('en')} documents, ${quantity(written.bytes, 'B')} of text, in ${duration(performance.now() - started)}` +
      (pagePath === undefined ? '' : `\nthe report with examples: ${pagePath}`),
  )
}

/** Where the documents go. A name that looks like another format is refused, and does not become a folder. */
function fileOf(output: string): string {
  if (/\.(jsonl|ndjson)(\.(gz|zst))?$/i.test(output)) return output
  if (/\.(json|txt|md|csv|tsv|parquet|gz|zst|toml)$/i.test(output)) {
    throw new ConfigError(`${output}: documents are written as .jsonl, .jsonl.gz or .jsonl.zst, or into a folder`)
  }
  return join(output, 'documents.jsonl')
}

async function* lines(documents: Documents): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const { id, text, source, meta } of documents) {
    yield encoder.encode(`${JSON.stringify({ id, text, source, meta })}\n`)
  }
}

function compressed(file: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const way = /\.gz$/i.test(file) ? createGzip() : /\.zst$/i.test(file) ? createZstdCompress() : undefined
  // `compose` passes errors of either side on.
  return way === undefined ? bytes : (Readable.from(bytes).compose(way) as AsyncIterable<Uint8Array>)
}

const shortened = ({ documents, kept, dropped }: Cluster) => {
  const short = ({ id, text }: Cluster['kept']) => ({ id, excerpt: excerpt(text, 160) })
  return { documents, kept: short(kept), dropped: dropped.map(short) }
}

function clusterText(clusters: readonly Cluster[], paint: Paint): string[] {
  if (clusters.length === 0) return []
  const one = (mark: string, { id, text }: Cluster['kept']) =>
    `  ${mark} ${paint('dim', excerpt(id, 40))}  ${excerpt(text, 70)}`
  const parts = clusters.map(({ documents, kept, dropped }) => {
    const more = documents - 1 - dropped.length
    return [
      `${documents.toLocaleString('en')} documents`,
      one(paint('green', '✓'), kept),
      ...dropped.map((each) => one(paint('red', '✗'), each)),
      ...(more > 0 ? [paint('dim', `    and ${more.toLocaleString('en')} more`)] : []),
    ].join('\n')
  })
  return [paint('bold', 'The largest clusters'), ...parts]
}

function bandsText(bands: BandsFigures, paint: Paint): string {
  const { rows, verify } = bands
  return [
    `${paint('bold', 'How likely similar documents are found')}: ${bands.bands} bands of ${rows} rows`,
    bandsTable(bands, paint),
    `measured on ${bands.pairs.toLocaleString('en')} made pairs` +
      (verify > 0 ? `; of what shares a band, signatures that agree at less than ${verify} are turned down` : ''),
  ].join('\n')
}
