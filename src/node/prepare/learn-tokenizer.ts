import { ConfigError } from '../../base/index.ts'
import { readTexts } from '../../data/prepare/index.ts'
import { type Tokenizer, trainBpe } from '../../tokenizers/index.ts'
import type { Selected } from './clean-and-select.ts'
import type { Workplace } from './tasks.ts'

/** The special token that stands between documents, of a tokenizer that is learned here. */
export const endOfText = '<|endoftext|>'

/** Names that other tokenizers give it, the likelier first. */
const separators = [endOfText, '</s>', '<|end_of_text|>', '<eos>', '<|eot_id|>', '<|im_end|>', '[SEP]', '<|end|>']

const defaultVocabSize = 8192
const defaultSample = 16e6

/** Learns a byte-level BPE from a sample of the selected documents, taken at equal distances. */
export async function learnTokenizer(
  { recipe, progress }: Workplace,
  { cleaned, selection }: Selected,
): Promise<Tokenizer> {
  const { vocabSize = defaultVocabSize, sample = defaultSample } = recipe.tokenizer ?? {}
  let whole = 0
  for (const [b, { lengths }] of cleaned.blocks.entries()) {
    for (let i = 0; i < lengths.length; i++) {
      if (selection.repeats[cleaned.firsts[b] + i] === cleaned.firsts[b] + i) whole += lengths[i]
    }
  }
  const every = Math.max(1, Math.round(whole / sample))
  async function* text(): AsyncGenerator<string> {
    let order = 0
    for (const [b, block] of cleaned.blocks.entries()) {
      const first = cleaned.firsts[b]
      yield* readTexts(block, (i) => selection.repeats[first + i] === first + i && order++ % every === 0)
      progress('tokenizer', (b + 1) / cleaned.blocks.length / 2)
    }
  }
  return trainBpe(separated(text()), { vocabSize, specials: [endOfText] })
}

async function* separated(texts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) yield `${text}\n`
}

/**
 * The id that stands between documents.
 *
 * @throws ConfigError when the tokenizer has no special token that could
 */
export function separatorOf({ specials }: Tokenizer, wanted?: string): number {
  const names = wanted === undefined ? separators : [wanted]
  for (const name of names) if (specials.has(name)) return specials.get(name)!
  throw new ConfigError(
    `the tokenizer has no special token ${names.join(', ')}; name one of its own as the separator: ${[...specials.keys()].slice(0, 20).join(', ') || 'it has none'}`,
  )
}
