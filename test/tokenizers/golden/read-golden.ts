import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What Hugging Face's tokenizers make of a text; make.py wrote it down. Offsets count code points. */
export interface GoldenRow {
  readonly text: string
  readonly pair?: string
  readonly ids: readonly number[]
  readonly offsets: readonly number[]
  readonly words: readonly number[]
  readonly types?: readonly number[]
  readonly decoded: string
}

export interface GoldenKind {
  readonly kind: string
  /** The parsed tokenizer.json. */
  readonly tokenizer: object
  readonly rows: readonly GoldenRow[]
}

type Line =
  | { readonly name: string; readonly model: object }
  | (GoldenKind & { readonly tokenizer: { readonly model: string } })

/** Tokenizers of every kind; those that share a model name it in the file. */
export const goldenKinds: readonly GoldenKind[] = (() => {
  const lines = readFileSync(join(import.meta.dirname, 'golden.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  const entries = lines.map((line): Line => JSON.parse(line))
  const models = new Map(entries.flatMap((entry) => ('model' in entry ? [[entry.name, entry.model]] : [])))
  return entries.flatMap((entry) => {
    if ('model' in entry) return []
    const { kind, tokenizer, rows } = entry
    return [{ kind, rows, tokenizer: { ...tokenizer, model: models.get(tokenizer.model) } }]
  })
})()
