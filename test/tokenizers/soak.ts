/**
 * Compares with every other implementation over as much text as is asked for, and prints how much was compared.
 *
 *     node test/tokenizers/soak.ts [--megabytes 100] [--only NAME] [--json] [FOLDER …]
 *
 * The text is every file of UTF-8 in the folders (by default those that many machines have), in an order that is always the
 * same. Exit code 1 when anything differs.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { firstDifference, smallest, visible } from './compare.ts'
import { type Contestant, openContestants } from './soak/contestants.ts'
import { type Found, textBatches } from './soak/text-files.ts'

interface Tally {
  readonly name: string
  bytes: number
  texts: number
  mismatches: number
}

/** Differences of each that are shown. */
const shown = 5

const { values, positionals } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const root = join(import.meta.dirname, '../..')
const usual = [
  '/usr/share',
  '/usr/lib/python3',
  '/usr/include',
  join(root, 'node_modules'),
  join(root, 'bench/node_modules'),
]
const folders = positionals.length > 0 ? positionals : usual

const { contestants, missing } = await openContestants(values.only)
for (const line of missing) console.error(`left out: ${line}`)
const tallies = contestants.map(({ name }): Tally => ({ name, bytes: 0, texts: 0, mismatches: 0 }))
for (const batch of textBatches(folders, Number(values.megabytes) * 1e6)) {
  for (const [i, contestant] of contestants.entries()) await compareBatch(contestant, batch, tallies[i])
  console.error(`${((tallies[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB`)
}

async function compareBatch({ ours, theirs, name }: Contestant, batch: readonly Found[], tally: Tally): Promise<void> {
  const expected = await theirs(batch.map(({ text }) => text))
  for (const [i, { path, text }] of batch.entries()) {
    tally.bytes += Buffer.byteLength(text)
    tally.texts++
    const place = firstDifference(ours(text), expected[i])
    if (place < 0) continue
    if (tally.mismatches++ >= shown) continue
    const isWrong = async (part: string) => firstDifference(ours(part), (await theirs([part]))[0]) >= 0
    const line = await firstLine(text, isWrong)
    const least = await smallest(line, isWrong)
    console.error(`${name}: ${path}: ${visible(least)}`)
  }
}

/** A line that is wrong by itself, or all of the text. */
async function firstLine(text: string, isWrong: (text: string) => Promise<boolean>): Promise<string> {
  for (const line of text.split('\n')) if (await isWrong(line)) return line
  return text
}

if (values.json) console.log(JSON.stringify({ tallies, missing }, null, 2))
else {
  for (const { name, bytes, texts, mismatches } of tallies) {
    console.log(
      `${name.padEnd(60)}${(bytes / 1e6).toFixed(1).padStart(7)} MB, ${texts} texts, ${mismatches} mismatches`,
    )
  }
}
process.exitCode = tallies.some(({ mismatches }) => mismatches > 0) ? 1 : 0
