import { ConfigError, FormatError } from '../../base/index.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { type BertTokenizerOptions, bertTokenizer } from './bert.ts'
import { linesOf } from './lines.ts'

export interface ReadVocabTxtOptions extends Omit<BertTokenizerOptions, 'vocab'> {
  /** How messages name the file. Default `vocab.txt`. */
  readonly file?: string
}

/**
 * BERT's tokenizer from the text of its vocab.txt: a token on each line, whose number, from 0, is its id. What is done to
 * text before stands in no such file; without options it is what BERT's uncased models do.
 *
 * @throws FormatError, with the line, for an empty line, a token that comes twice, CRLF, and a file without the unknown
 *   token
 *
 * @example
 * const bert = readVocabTxt('[UNK]\nбір\n##ге\n')
 * bert.encode('Бірге бір') // [1, 2, 1]
 */
export function readVocabTxt(text: string, options: ReadVocabTxtOptions = {}): Tokenizer {
  const { file = 'vocab.txt', unknown = '[UNK]' } = options
  const fail = (line: number, reason: string): never => {
    throw new FormatError(`${file}: line ${line}: ${reason}`)
  }
  const vocab = new Map<string, number>()
  linesOf(text, fail).forEach((token, id) => {
    if (token === '') fail(id + 1, 'is empty; expected a token')
    const before = vocab.get(token)
    if (before !== undefined) fail(id + 1, `${shortened(token)} stands on line ${before + 1} already`)
    vocab.set(token, id)
  })
  if (!vocab.has(unknown)) {
    throw new FormatError(`${file}: the unknown token ${shortened(unknown)} is not there; expected it on a line`)
  }
  try {
    return bertTokenizer({ ...options, vocab, unknown })
  } catch (error) {
    if (error instanceof ConfigError) throw new FormatError(`${file}: ${error.message}`, { cause: error })
    throw error
  }
}

/**
 * The text of a vocab.txt: the tokens of a WordPiece tokenizer, in the order of their ids. What is done to text before is
 * not in it.
 *
 * @throws ConfigError when the model is another, an id has no token, or a token is empty or has a line end
 *
 * @example
 * writeVocabTxt(readVocabTxt('[UNK]\nбір\n')) // '[UNK]\nбір\n'
 */
export function writeVocabTxt(tokenizer: Tokenizer): string {
  const { type } = tokenizer.parts.model.toJson()
  if (type !== 'WordPiece') throw new ConfigError(`vocab.txt holds WordPiece, and this is ${type}`)
  return Array.from({ length: tokenizer.vocabSize }, (_, id) => {
    const token = tokenizer.tokenOf(id)
    if (token === undefined) throw new ConfigError(`vocab.txt: id ${id} has no token, but a line must stand for it`)
    if (token === '' || /[\r\n]/.test(token)) {
      throw new ConfigError(`vocab.txt: the token ${shortened(token)} with id ${id} cannot be a line`)
    }
    return `${token}\n`
  }).join('')
}

function shortened(token: string): string {
  return JSON.stringify(token.slice(0, 40))
}
