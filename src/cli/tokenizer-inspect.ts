import type { Command } from 'commander'
import { openTokenizer } from '../node/index.ts'
import type { PatternName, Tokenizer } from '../tokenizers/index.ts'
import { piecesOption } from './pieces-option.ts'
import { table } from './table.ts'
import { type Paint, painter } from './terminal.ts'
import { visible } from './tokenizer-encode.ts'
import { samples } from './tokenizer-samples.ts'

export function addInspect(parent: Command): void {
  parent
    .command('inspect')
    .description('Shows what a tokenizer is made of, and a text as it sees it.')
    .argument('<tokenizer>', 'file or folder')
    .argument('[text]', 'a text to show as tokens (default: a sentence in English and in Kazakh)')
    .addOption(piecesOption())
    .option('--json', 'print one JSON document')
    .action(inspect)
}

async function inspect(
  path: string,
  text: string | undefined,
  { json, pieces }: { json?: boolean; pieces?: PatternName },
): Promise<void> {
  const tokenizer = await openTokenizer(path, { pieces })
  const description = describe(tokenizer)
  if (json) {
    console.log(JSON.stringify({ tokenizer: path, ...description }))
    return
  }
  const paint = painter(process.stdout)
  const { stages, specials, tokensByScript, longest, bytesPerToken } = description
  console.log(
    table([
      [
        'vocabulary',
        `${description.vocabSize.toLocaleString('en')} tokens, ${bytesPerToken.toFixed(1)} bytes on average`,
      ],
      ...Object.entries(stages),
      ['special tokens', specials.length === 0 ? 'none' : shortened(specials)],
      ['longest tokens', longest.map((token) => clipped(token.text)).join('  ')],
      [
        'scripts',
        Object.entries(tokensByScript)
          .map(([script, count]) => `${script} ${percent(count, description.vocabSize)}`)
          .join(', '),
      ],
    ]),
  )
  const shown = text === undefined ? ['en', 'kk'].map((language) => firstSentence(samples[language])) : [text]
  for (const each of shown) console.log(`\n${chips(tokenizer, each, paint)}`)
}

interface Description {
  readonly vocabSize: number
  readonly bytesPerToken: number
  /** Name of a stage to what does it, as tokenizer.json calls it. */
  readonly stages: Readonly<Record<string, string>>
  readonly specials: readonly string[]
  readonly tokensByScript: Readonly<Record<string, number>>
  readonly longest: readonly { readonly id: number; readonly text: string; readonly bytes: number }[]
}

function describe(tokenizer: Tokenizer): Description {
  const { parts, vocabSize, specials } = tokenizer
  const special = new Set(specials.values())
  const tokensByScript: Record<string, number> = {}
  const longest: { id: number; text: string; bytes: number }[] = []
  let bytes = 0
  let used = 0
  for (let id = 0; id < vocabSize; id++) {
    if (tokenizer.tokenOf(id) === undefined || special.has(id)) continue
    const token = tokenizer.bytesOf(id)
    used++
    bytes += token.length
    const script = scriptOf(token)
    tokensByScript[script] = (tokensByScript[script] ?? 0) + 1
    longest.push({ id, text: visible(tokenizer, id), bytes: token.length })
  }
  longest.sort((a, b) => b.bytes - a.bytes || a.id - b.id)
  const named = (stage: { json: { type: string } } | undefined) => (stage === undefined ? 'none' : nameOf(stage.json))
  return {
    vocabSize,
    bytesPerToken: used === 0 ? 0 : bytes / used,
    stages: {
      normalizer: named(parts.normalizer),
      pieces: named(parts.preTokenizer),
      model: String(parts.model.toJson().type),
      'post-processor': named(parts.postProcessor),
      decoder: named(parts.decoder),
    },
    specials: [...specials.keys()],
    tokensByScript: Object.fromEntries(Object.entries(tokensByScript).sort((a, b) => b[1] - a[1])),
    longest: longest.slice(0, 6),
  }
}

const listsOfStages = ['normalizers', 'pretokenizers', 'processors', 'decoders']

/** `NFC`, or `Sequence: Split, ByteLevel`. */
function nameOf(json: { readonly type: string; readonly [name: string]: unknown }): string {
  const inner = listsOfStages.map((name) => json[name]).find(Array.isArray)
  return inner === undefined ? json.type : inner.map(nameOf).join(', ')
}

const scripts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Chinese and Japanese', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['Korean', /\p{Script=Hangul}/u],
  ['other letters', /\p{L}/u],
  ['digits', /\p{N}/u],
  ['signs and spaces', /^[^\ufffd]*$/u],
]

/** The script of the first letter in a token. */
function scriptOf(token: Uint8Array): string {
  const text = new TextDecoder().decode(token)
  return scripts.find(([, pattern]) => pattern.test(text))?.[0] ?? 'parts of characters'
}

const chipStyles = ['bgBlue', 'bgGreen', 'bgMagenta', 'bgCyan', 'bgYellow'] as const

/** A text in which neighbouring tokens have different colours; with a bar between them where there are no colours. */
export function chips(tokenizer: Tokenizer, text: string, paint: Paint): string {
  const { ids, starts, ends } = tokenizer.encoding(text, { offsets: 'codeUnits' })
  const parts: string[] = []
  for (let i = 0; i < ids.length; i++) {
    // Tokens that share a character are shown together.
    let last = i
    while (last + 1 < ids.length && starts[last + 1] < ends[last]) last++
    parts.push(text.slice(starts[i], ends[last]))
    i = last
  }
  const isColored = paint('bold', 'x') !== 'x'
  const line = isColored
    ? parts.map((part, i) => paint(chipStyles[i % chipStyles.length], part)).join('')
    : parts.join('|')
  return `${line}\n${paint('dim', `${ids.length} tokens: ${shortened([...ids].map(String), 24, ' ')}`)}`
}

function shortened(list: readonly string[], most = 8, separator = ', '): string {
  const rest = list.length - most
  return list.slice(0, most).join(separator) + (rest > 0 ? `${separator}… ${rest} more` : '')
}

const clipped = (text: string) => (text.length > 24 ? `${text.slice(0, 23)}…` : text)

const percent = (count: number, all: number) => `${((100 * count) / all).toFixed(count * 100 < all ? 1 : 0)} %`

const firstSentence = (text: string) => `${text.split('. ')[0]}.`
