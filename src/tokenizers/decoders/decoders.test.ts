import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decoder } from '../stages.ts'
import { bpeDecoder } from './bpe.ts'
import { byteFallbackDecoder } from './byte-fallback.ts'
import { byteLevelDecoder } from './byte-level.ts'
import { ctcDecoder } from './ctc.ts'
import { decodedText } from './decoded-text.ts'
import { fuseDecoder } from './fuse.ts'
import { metaspaceDecoder } from './metaspace.ts'
import { replaceDecoder } from './replace.ts'
import { decoderSequence } from './sequence.ts'
import { stripDecoder } from './strip.ts'
import { wordPieceDecoder } from './word-piece.ts'

const llama = decoderSequence([
  replaceDecoder({ text: '▁' }, ' '),
  byteFallbackDecoder(),
  fuseDecoder(),
  stripDecoder({ content: ' ', start: 1, stop: 0 }),
])

// What Hugging Face's tokenizers 0.23.2 make of the same.
const cases: [name: string, Decoder, tokens: string[], text: string][] = [
  ['ByteLevel', byteLevelDecoder(), ['Ò', 'Ľ', 'Ġa', '<|соңы|>', 'Ã'], 'қ a<|соңы|>\ufffd'],
  ['WordPiece', wordPieceDecoder(), ['a', '##b', "n't", 'c', '.', '##', '##d'], "abn't c.d"],
  ['WordPiece, as it is', wordPieceDecoder({ cleanup: false }), ['##a', 'b', '!'], '##a b !'],
  ['Metaspace', metaspaceDecoder(), ['▁a▁', 'b▁▁c', '▁'], 'ab  c '],
  ['Metaspace that is never put', metaspaceDecoder({ prependScheme: 'never' }), ['▁a', '▁b'], ' a b'],
  ['BPEDecoder', bpeDecoder(), ['a</w>', 'b', 'c</w>'], 'a bc'],
  ['CTC', ctcDecoder(), ['<pad>', 'a', 'a', '<pad>', 'a', '|', '|', 'do', ' not'], 'aa do not'],
  ['CTC, as it is', ctcDecoder({ cleanup: false }), ['a', '|', '|', 'a<pad>'], 'a|a'],
  ['Strip', stripDecoder({ content: '_', start: 1, stop: 2 }), ['__a____', '_', 'b_'], '_a__b'],
  ['Replace', replaceDecoder({ text: 'aa' }, 'b'), ['aaa', 'aa', 'a'], 'baba'],
  ['Replace by a regular expression', replaceDecoder({ regex: '[0-9]+' }, '#'), ['a12', '3'], 'a##'],
  ['ByteFallback', byteFallbackDecoder(), ['<0xD2>', '<0x9B>', 'a', '<0xD2>', '<0x61>'], 'қa\ufffd\ufffd'],
  ['the Sequence of Llama 2', llama, ['▁', '▁h', '<0x69>', '▁'], '  hi '.slice(1)],
  ['Fuse, then Strip', decoderSequence([fuseDecoder(), stripDecoder({ stop: 1 })]), ['a ', ' b ', ' '], 'a  b '],
]

describe('decoders', () => {
  it.each(cases)('%s', (_, decoder, tokens, text) => {
    expect(decodedText(decoder, tokens)).toBe(text)
  })

  it('do not care how a token comes', () => {
    const token = fc.oneof(
      fc.constantFrom(
        '▁',
        '▁▁a',
        ' ',
        'aa',
        '<0xD2>',
        '<0x9B>',
        '##a',
        'b</w>',
        "n't",
        'Ġ',
        'Ò',
        '|',
        '<pad>',
        '_',
        '.',
      ),
      fc.string({ maxLength: 3 }),
    )
    const parts = fc.array(token, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(parts), fc.constantFrom(...cases.map(([, decoder]) => decoder)), (tokens, decoder) => {
        let text = ''
        const run = decoder.begin((part) => {
          text += part
        })
        for (const each of tokens) each.forEach((part, i) => void run.push(part, i === each.length - 1))
        run.end()
        expect(text).toBe(
          decodedText(
            decoder,
            tokens.map((each) => each.join('')),
          ),
        )
      }),
    )
  })

  it('give what is certain at once', () => {
    const given: string[] = []
    const run = llama.begin((part) => {
      if (part !== '') given.push(part)
    })
    const steps = ['▁Ә', 'н', '▁h', '<0xF0>', '<0x9F>', '<0xA4>', '<0x96>', '!'].map((token) => {
      run.push(token, true)
      return given.join('')
    })
    expect(steps).toEqual(['Ә', 'Ән', 'Ән h', 'Ән h', 'Ән h', 'Ән h', 'Ән h', 'Ән h🤖!'])
  })
})
