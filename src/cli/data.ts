import type { Command } from 'commander'
import { addDedup } from './data-dedup.ts'
import { addInspect } from './data-inspect.ts'
import { addPack } from './data-pack.ts'
import { addPrepare } from './data-prepare.ts'
import { addStats } from './data-stats.ts'

export function command(program: Command): Command {
  const parent = program
    .command('data')
    .description('Turns raw sources into clean documents and packed token shards, and looks into them.')
    .addHelpText(
      'after',
      '\nA <source> is a file, a folder, a glob, - for standard input, an http(s) address, hf://datasets/OWNER/NAME/PATH, or\n' +
        'node_modules: the documentation that installed packages bring. NAME=<source> names it in mixes and reports.\n' +
        'Files are text, Markdown, HTML, JSONL, CSV or Parquet, with .gz or .zst where that makes sense.',
    )
  for (const add of [addPrepare, addPack, addDedup, addStats, addInspect]) add(parent)
  return parent
}
