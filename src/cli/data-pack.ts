import type { Command } from 'commander'
import { noFilters, type ReadFlags, recipeOf, type ShardFlags, withReading, withShards } from './data-flags.ts'
import { makeShards, withRun } from './data-prepare.ts'

interface PackFlags extends ReadFlags, ShardFlags {
  readonly output: string
  readonly workers?: number
  readonly keepWork?: boolean
  readonly json?: boolean
}

export function addPack(parent: Command): void {
  const command = parent
    .command('pack')
    .description('Makes token shards of documents as they are: no filters, no deduplication.')
    .argument('<sources...>', 'files, folders, globs, addresses, - for standard input; NAME=<source> names one')
    .requiredOption('-o, --output <folder>', 'where the shards go')
    .requiredOption('--tokenizer <path>', 'a tokenizer.json, or whatever else `alippe tokenizer` reads')
  withRun(withShards(withReading(command))).action(async (sources: string[], flags: PackFlags) => {
    const recipe = await recipeOf({ ...flags, exact: false, near: false })
    await makeShards(sources, { ...recipe, filters: noFilters }, flags)
  })
}
