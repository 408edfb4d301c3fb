import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { random } from '../src/base/index.ts'
import { world } from '../src/data/index.ts'
import type { Recipe } from '../src/data/prepare/index.ts'
import { runChild } from './runner/child.ts'
import type { Bench, Context } from './runner/contract.ts'
import { compare, figure } from './runner/statistics.ts'
import { benchCorpus } from './texts/corpus.ts'
import { benchText } from './texts/texts.ts'

// From JSONL on the disk to packed shards on the disk, everything in between: reading, all filters, deduplication, a
// tokenizer that is learned, encoding, shuffling, packing. MB are 10⁶ bytes of the documents' text in UTF-8.

interface Run {
  readonly seconds: number
  readonly textBytes: number
  readonly peakBytes: number
  readonly stages: Readonly<Record<string, number>>
  readonly documents: readonly [read: number, left: number]
  readonly tokens: number
}

/** Stages whose speed is worth a line of its own. */
const shown = ['clean', 'encode', 'arrange'] as const

const bench: Bench = {
  title: 'From raw text to packed token shards, with all filters, MinHash and BPE: MB of text a second, and memory.',
  async *cases(context) {
    const { quick, wants, progress } = context
    const megabytes = quick ? 100 : 2000
    progress(`makes a corpus of ${megabytes} MB, unless it is there`)
    const corpus = await benchCorpus(megabytes * 1e6)
    const folder = mkdtempSync(join(tmpdir(), 'alippe-bench-'))
    const workers = availableParallelism()
    try {
      const recipe = join(folder, 'recipe.json')
      writeFileSync(recipe, JSON.stringify(withAllFilters(folder)))
      const runs: Run[] = []
      for (let i = 0; i < (quick ? 1 : 3); i++) {
        const output = join(folder, `out-${i}`)
        runs.push(await runChild<Run>('prepare', output, workers, recipe, corpus.folder))
        rmSync(output, { recursive: true })
      }
      for (const one of linesOf(context, runs, `${megabytes} MB, ${workers} workers`, corpus.madeOf)) {
        if (wants(one.case)) yield one
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}
export default bench

function linesOf({ quick }: Context, runs: readonly Run[], size: string, madeOf: string) {
  const { documents, tokens } = runs[0]
  const rate = (seconds: (run: Run) => number) =>
    figure(
      runs.map((run) => run.textBytes / 1e6 / seconds(run)),
      'MB/s',
    )
  const lines = [
    compare({
      case: `raw text to packed shards, ${size}`,
      ours: rate(({ seconds }) => seconds),
      target: 'value >= 25',
      note: `${madeOf}; ${documents[0]} documents, told are ${documents[1]} with ${(tokens / 1e6).toFixed(1)} M tokens`,
    }),
    compare({
      case: `resident memory, ${size}`,
      ours: figure(
        runs.map(({ peakBytes }) => peakBytes / 1e6),
        'MB',
      ),
      // A short look at little text says nothing of a large one.
      target: quick ? undefined : 'value <= 1000',
      lessIsBetter: true,
    }),
  ]
  for (const stage of shown) {
    lines.push(compare({ case: `${stage}, ${size}`, ours: rate(({ stages }) => stages[stage]), detail: true }))
  }
  return lines
}

/** Filters by rules are on by themselves; those that learn what they judge by are given good text and bad. */
function withAllFilters(folder: string): Recipe {
  const good = join(folder, 'good.jsonl')
  const bad = join(folder, 'bad.jsonl')
  const paragraphs = benchText('english', 2e6).text.split('\n\n')
  const rng = random(1)
  const shuffled = paragraphs.map((text) => {
    const words = text.split(' ')
    return words.map(() => words[rng.integer(words.length)]).join(' ')
  })
  const records = (texts: readonly string[]) => texts.map((text) => JSON.stringify({ text })).join('\n')
  const exam = join(folder, 'exam.jsonl')
  writeFileSync(
    exam,
    records(
      world({ seed: 2 })
        .questions()
        .map(({ question, answer }) => `${question} ${answer}`),
    ),
  )
  writeFileSync(good, records(paragraphs))
  writeFileSync(bad, records(shuffled))
  return {
    read: {},
    filters: {
      language: { keep: ['en', 'kk'] },
      perplexity: [{ reference: [good], language: 'en', most: 1e7 }],
      quality: [{ good: [good], bad: [bad], language: 'en', threshold: 0.01 }],
    },
    dedup: { lines: { moreThan: 100 }, against: [exam] },
    rowTokens: 1024,
  }
}
