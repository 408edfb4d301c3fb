import type { Command } from 'commander'
import { ConfigError } from '../base/index.ts'
import { openTokenizer } from '../node/index.ts'
import { readText } from '../node/prepare/index.ts'
import { measureTokenizer, type PatternName } from '../tokenizers/index.ts'
import { piecesOption } from './pieces-option.ts'
import { table } from './table.ts'
import { painter } from './terminal.ts'
import { samples } from './tokenizer-samples.ts'

interface CompareFlags {
  readonly text?: string[]
  readonly base: string
  readonly pieces?: PatternName
  readonly json?: boolean
}

export function addCompare(parent: Command): void {
  parent
    .command('compare')
    .description('What texts cost in different tokenizers: tokens, bytes a token, tokens a word, Rényi efficiency.')
    .argument('<tokenizers...>', 'files or folders')
    .option('--text <language=path...>', 'texts to measure on (default: a few sentences in en, kk and ru)')
    .option('--base <language>', 'the language that costs are relative to; its text should say the same', 'en')
    .addOption(piecesOption())
    .option('--json', 'print one JSON document')
    .action(compare)
}

async function compare(paths: readonly string[], { text, base, pieces, json }: CompareFlags): Promise<void> {
  const texts = text === undefined ? samples : await readTexts(text)
  const measured = []
  for (const path of paths) {
    const tokenizer = await openTokenizer(path, { pieces })
    measured.push({
      tokenizer: path,
      vocabSize: tokenizer.vocabSize,
      languages: measureTokenizer(tokenizer, texts, { base }),
    })
  }
  if (json) {
    console.log(JSON.stringify({ base, tokenizers: measured }))
    return
  }
  const header = [
    'tokenizer',
    'language',
    'tokens',
    'bytes/token',
    'tokens/word',
    'whole words',
    'unknown',
    'Rényi',
    `cost/${base}`,
  ]
  const rows = measured.flatMap(({ tokenizer, languages }) =>
    Object.entries(languages).map(([language, figures]) => [
      tokenizer,
      language,
      figures.tokens.toLocaleString('en'),
      figures.bytesPerToken.toFixed(2),
      figures.tokensPerWord.toFixed(2),
      `${(100 * figures.wholeWords).toFixed(0)} %`,
      `${((100 * figures.unknownTokens) / figures.tokens).toFixed(0)} %`,
      figures.renyiEfficiency.toFixed(3),
      figures.costToBase === undefined ? '–' : `${figures.costToBase.toFixed(2)}`,
    ]),
  )
  console.log(table(rows, { header, paint: painter(process.stdout) }))
  if (text === undefined)
    console.log('\nA few sentences of the same meaning; give longer texts with --text en=FILE kk=FILE.')
}

async function readTexts(pairs: readonly string[]): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new ConfigError(`--text takes language=path, as kk=texts/kk.txt; got ${pair}`)
    texts[pair.slice(0, at)] = await readText(pair.slice(at + 1))
  }
  return texts
}
