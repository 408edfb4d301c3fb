import { Option } from 'commander'
import { patternNames } from '../tokenizers/index.ts'

/** `--pieces`, for tokenizers whose file does not say what cuts the text. */
export function piecesOption(): Option {
  return new Option('--pieces <name>', 'what cuts text, for a *.tiktoken file not named as an encoding').choices(
    patternNames,
  )
}
