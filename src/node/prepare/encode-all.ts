import { sha256 } from '../../data/index.ts'
import { readTokenBlockHead } from '../../data/prepare/index.ts'
import type { Tokenizer } from '../../tokenizers/index.ts'
import type { Selected } from './clean-and-select.ts'
import type { EncodeTask, Workplace } from './tasks.ts'

export interface EncodeAllOptions {
  readonly selected: Selected
  readonly tokenizer: Tokenizer
  /** Where the workers find it. */
  readonly tokenizerFile: string
  readonly sources: readonly string[]
}

/**
 * Encodes all selected documents, by as many workers as there are.
 *
 * @returns names of the token blocks, in order
 */
export async function encodeAll(
  { recipe, folder, pool, progress }: Workplace,
  { selected, tokenizer, tokenizerFile, sources }: EncodeAllOptions,
): Promise<string[]> {
  const { cleaned } = selected
  const depends = [selected.key, await sha256(tokenizer.definition()), sources, recipe.validation, recipe.seed]
  const key = (await sha256(JSON.stringify(depends))).slice(0, 16)
  const names = cleaned.blocks.map((_, number) => `tokens-${key}/${String(number).padStart(6, '0')}`)
  const tasks: EncodeTask[] = []
  for (const [number, block] of names.entries()) {
    const known =
      (await folder.size(block)) !== undefined && (await readTokenBlockHead(folder, block).catch(() => undefined))
    if (known) continue
    const { name: from } = cleaned.blocks[number]
    const selection = selected.file
    const first = cleaned.firsts[number]
    tasks.push({ kind: 'encode', number, cleaned: from, first, selection, tokenizer: tokenizerFile, sources, block })
  }
  let done = names.length - tasks.length
  for await (const _ of pool.run(tasks)) progress('encode', ++done / names.length)
  return names
}
