import type { Command } from 'commander'
import { addCompare } from './tokenizer-compare.ts'
import { addDecode, addEncode } from './tokenizer-encode.ts'
import { addInspect } from './tokenizer-inspect.ts'
import { addTrain } from './tokenizer-train.ts'

export function command(program: Command): Command {
  const parent = program
    .command('tokenizer')
    .description('Trains tokenizers, uses them, and holds them against each other.')
    .addHelpText(
      'after',
      '\nA <tokenizer> is a file or the folder it lies in: tokenizer.json, *.tiktoken, SentencePiece *.model,\n' +
        'vocab.json with merges.txt, vocab.txt, or the folder of a run.',
    )
  for (const add of [addTrain, addEncode, addDecode, addInspect, addCompare]) add(parent)
  return parent
}
