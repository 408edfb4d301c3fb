import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlippeError, FormatError } from '../../src/base/index.ts'
import { readTokenizerFolder, readTokenizerJson } from '../../src/tokenizers/index.ts'
import { goldenKinds } from './golden/read-golden.ts'

/** A copy of JSON with one place changed: the steps choose where, from the outside in. */
function changed(value: unknown, steps: readonly number[], change: (value: unknown) => unknown): unknown {
  const [step, ...rest] = steps
  if (step === undefined || typeof value !== 'object' || value === null) return change(value)
  const keys = Object.keys(value)
  if (keys.length === 0) return change(value)
  const key = keys[step % keys.length]
  const inside = changed((value as Record<string, unknown>)[key], rest, change)
  if (Array.isArray(value)) return value.with(Number(key), inside)
  // As JSON.parse does, so that no name is special.
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, name === key ? inside : own]))
}

const steps = fc.array(fc.nat(400), { minLength: 1, maxLength: 6 })
const values = fc.oneof(
  fc.constantFrom<unknown>(null, -1, 1e9, 0.5, '', 'a', '__proto__', '\ud800', [], {}, true, [[]], 'Sequence', 'BPE'),
  fc.jsonValue(),
)

/** What it gives, or a FormatError; nothing else may be thrown, neither then nor when it is used. */
function survives(text: string): void {
  try {
    const tokenizer = readTokenizerJson(text, 'x.json')
    const { ids } = tokenizer.encoding('It ә😀<|end|>', { allowSpecials: true, addSpecials: true, pair: 'b' })
    tokenizer.decode(ids)
    readTokenizerJson(tokenizer.definition())
  } catch (error) {
    expect(error).toBeInstanceOf(AlippeError)
  }
}

describe('a malformed tokenizer.json', () => {
  it('gives an error of ours, wherever one value is another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...goldenKinds), steps, values, ({ tokenizer }, path, value) => {
        survives(JSON.stringify(changed(tokenizer, path, () => value)))
      }),
      { numRuns: 300 },
    )
  })

  it('gives a FormatError wherever it ends too early', () => {
    fc.assert(
      fc.property(fc.constantFrom(...goldenKinds), fc.nat(), ({ tokenizer }, cut) => {
        const text = JSON.stringify(tokenizer)
        expect(() => readTokenizerJson(text.slice(0, cut % text.length), 'x.json')).toThrow(FormatError)
      }),
      { numRuns: 30 },
    )
  })

  // biome-ignore lint/suspicious/noExplicitAny: reaches anywhere into foreign JSON
  const withChange = (kind: string, change: (json: any) => void): string => {
    const json = structuredClone(goldenKinds.find((each) => each.kind === kind)!.tokenizer)
    change(json)
    return JSON.stringify(json)
  }

  it.each([
    [
      'an id that is there twice',
      withChange('gpt2', (j) => (j.model.vocab.a = j.model.vocab.b)),
      /model\.vocab.*taken/,
    ],
    ['a merge of unknown tokens', withChange('gpt2', (j) => (j.model.merges[17] = ['zz', 'q'])), /model\.merges\[17\]/],
    ['a merge of one', withChange('gpt2', (j) => (j.model.merges[3] = ['a'])), /x\.json: model\.merges\[3\]: expected/],
    ['a merge to nothing', withChange('llama2', (j) => (j.model.merges[5] = ['q', '№'])), /model\.merges\[5\]/],
    [
      'a score that is none',
      withChange('t5', (j) => (j.model.vocab[4][1] = null)),
      /model\.vocab\[4\]: expected a token/,
    ],
    [
      'an id out of reach',
      withChange('bert', (j) => (j.model.vocab.x = 2 ** 31)),
      /model\.vocab\["x"\]: expected an id/,
    ],
    ['an unknown model', withChange('bert', (j) => (j.model.type = 'Magic')), /model\.type: "Magic" is not one of/],
    [
      'an unknown stage',
      withChange('t5', (j) => (j.normalizer.normalizers[1].type = 'X')),
      /normalizers\[1\]\.type: "X"/,
    ],
    [
      'an expression of no kind',
      withChange('llama3', (j) => (j.pre_tokenizer.pretokenizers[0].pattern.Regex = '(')),
      /pre_tokenizer/,
    ],
    [
      'no flag',
      withChange('gpt2', (j) => delete j.added_tokens[0].special),
      /added_tokens\[0\]\.special: expected true or false/,
    ],
    [
      'a token of ten million letters',
      withChange('bert', (j) => (j.model.vocab['a'.repeat(1e7)] = -1)),
      /expected an id/,
    ],
  ])('says where there is %s', (_, text, message) => {
    expect(() => readTokenizerJson(text, 'x.json')).toThrow(FormatError)
    expect(() => readTokenizerJson(text, 'x.json')).toThrow(message)
    expect(() => readTokenizerJson(text, 'x.json')).toThrow(/^.{0,500}$/s)
  })

  it('may have files beside it that are no better', () => {
    const json = JSON.stringify(goldenKinds[0].tokenizer)
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('eos_token', 'added_tokens_decoder', 'chat_template'), values),
        (config) => {
          const files = { 'tokenizer.json': json, 'tokenizer_config.json': JSON.stringify(config) }
          try {
            readTokenizerFolder(files)
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
          }
        },
      ),
    )
  })
})
