import { quantity, random } from '../base/index.ts'
import type { PreparedFolder } from './prepared-folder.ts'
import { printable } from './printable.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

/** Tokens that are shown at a time where documents are not in rows. */
const windowTokens = 256

export interface ShownRow {
  readonly split: 'train' | 'validation'
  /** Its first token. */
  readonly start: number
  /** Pieces of documents, in order. */
  readonly documents: readonly ShownPiece[]
  /** Tokens that only fill the row up. */
  readonly filler: number
}

export interface ShownPiece {
  readonly text: string
  readonly tokens: number
  /** Whether its beginning is here: a separator stands before it. */
  readonly begins: boolean
}

/** Some rows as a model sees them, drawn by a seed; in the order in which they are stored. */
export async function drawRows(
  { index, train, validation, tokenizer }: PreparedFolder,
  { split, count, seed }: { readonly split: 'train' | 'validation'; readonly count: number; readonly seed: number },
): Promise<ShownRow[]> {
  const shards = split === 'train' ? train : validation
  if (shards === undefined) return []
  const stride = index.rowTokens ?? Math.min(windowTokens, shards.length)
  const places = index.rowTokens === undefined ? shards.length - stride + 1 : shards.length / stride
  const rng = random(seed)
  const drawn = new Set<number>()
  while (drawn.size < Math.min(count, places)) drawn.add(rng.integer(places))
  const rows: ShownRow[] = []
  for (const place of [...drawn].sort((a, b) => a - b)) {
    const start = index.rowTokens === undefined ? place : place * stride
    const pieces = piecesOf(await shards.read(start, stride), index.separator)
    rows.push({
      split,
      start,
      documents: pieces.documents.map(({ ids, begins }) => ({
        text: tokenizer.decode(ids),
        tokens: ids.length,
        begins,
      })),
      filler: index.rowTokens === undefined ? 0 : pieces.filler,
    })
  }
  return rows
}

/** Documents of a row, by the separators between them. One separator behind the last is its last target. */
export function piecesOf(
  ids: Uint32Array,
  separator: number | undefined,
): { documents: { ids: Uint32Array; begins: boolean }[]; filler: number } {
  const documents: { ids: Uint32Array; begins: boolean }[] = []
  let start = 0
  let separators = 0
  for (let i = 0; i <= ids.length; i++) {
    if (i < ids.length && ids[i] !== separator) continue
    if (i < ids.length) separators++
    if (i > start) documents.push({ ids: ids.subarray(start, i), begins: start > 0 })
    start = i + 1
  }
  const begun = documents.filter(({ begins }) => begins).length
  const behind = ids[ids.length - 1] === separator ? 1 : 0
  return { documents, filler: Math.max(0, separators - begun - behind) }
}

const styles = ['cyan', 'yellow', 'green', 'magenta', 'blue'] as const

export function rowsText(prepared: PreparedFolder, rows: readonly ShownRow[], paint: Paint): string {
  const { index } = prepared
  const separator = separatorText(prepared)
  const parts = [indexText(prepared, paint)]
  for (const { split, start, documents, filler } of rows) {
    const number =
      index.rowTokens === undefined
        ? `token ${start.toLocaleString('en')}`
        : `row ${(start / index.rowTokens).toLocaleString('en')}`
    const title = paint(
      'bold',
      `${split}, ${number}: ${documents.length} ${documents.length === 1 ? 'document' : 'documents'}`,
    )
    const body = documents.map(({ text, begins }, i) => {
      const mark = begins ? paint('inverse', printable(separator)) : paint('dim', '… ')
      return mark + paint(styles[i % styles.length], printable(text))
    })
    const tail = filler > 0 ? paint('dim', `\n${filler} ${filler === 1 ? 'token' : 'tokens'} of filler`) : ''
    parts.push(`${title}\n${body.join('')}${tail}`)
  }
  return parts.join('\n\n')
}

const separatorText = ({ index, tokenizer }: PreparedFolder) =>
  index.separator === undefined ? '' : (tokenizer.tokenOf(index.separator) ?? '')

/** What a prepared folder holds. */
export function indexText(prepared: PreparedFolder, paint: Paint): string {
  const { index, path } = prepared
  const separator = separatorText(prepared)
  const facts = [
    ['folder', path],
    ['text', printable(index.source)],
    ['vocabulary', `${index.vocabSize.toLocaleString('en')} tokens of ${index.tokenBytes} bytes`],
    ['separator', separator === '' ? 'none' : `${printable(separator)} (${index.separator})`],
    [
      'rows',
      index.rowTokens === undefined
        ? 'none: documents follow one another'
        : `${index.rowTokens - 1} tokens and a last target`,
    ],
  ]
  const splits = Object.entries(index.splits).map(([name, { documents, tokens, textBytes, shards }]) => [
    name,
    quantity(documents),
    quantity(tokens),
    quantity(textBytes, 'B'),
    shards.length,
  ])
  return `${table(facts)}\n\n${table(splits, { header: ['split', 'documents', 'tokens', 'text', 'shards'], paint })}`
}
