/**
 * Prepares a corpus in a process of its own, so that its peak resident memory is that of preparing. Prints
 * `{"seconds", "textBytes", "peakBytes", "stages"}`: all of it, text that was read, and seconds of each stage.
 *
 *     node bench/children/prepare.ts OUTPUT WORKERS RECIPE.json SOURCE…
 */
import { readFileSync } from 'node:fs'
import { prepare } from '../../src/node/prepare/index.ts'

const [output, workers, recipe, ...names] = process.argv.slice(2)
const start = performance.now()
const { report, index } = await prepare({
  names,
  output,
  workers: Number(workers),
  recipe: JSON.parse(readFileSync(recipe, 'utf8')),
})
const read = report.stages.find(({ stage }) => stage === 'read')!
console.log(
  JSON.stringify({
    seconds: (performance.now() - start) / 1000,
    textBytes: read.in.bytes,
    peakBytes: process.resourceUsage().maxRSS * 1024, // Node gives kilobytes on every system.
    stages: report.seconds,
    documents: [read.in.documents, report.train.documents],
    tokens: index.splits.train.tokens,
  }),
)
