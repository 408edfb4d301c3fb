import { describe, expect, it } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { bpe } from '../models/bpe/bpe.ts'
import { readTokenizerConfig, writeTokenizerConfig } from './tokenizer-config.ts'
import { readTokenizerFolder, writeTokenizerFolder } from './tokenizer-folder.ts'
import { writeTokenizerJson } from './write-tokenizer-json.ts'

const json = writeTokenizerJson(bpe({ merges: [[71, 72]], specials: ['<|end|>'] }))
const read = (config: object, map?: object) =>
  readTokenizerFolder({
    'tokenizer.json': json,
    'tokenizer_config.json': JSON.stringify(config),
    'special_tokens_map.json': map && JSON.stringify(map),
  })

// Compared with transformers 5.18.
describe('the files of a folder', () => {
  it('add special tokens that tokenizer.json has not, in the order of their names', () => {
    const { tokenizer } = read({
      pad_token: '<pad>',
      eos_token: '<|end|>',
      bos_token: { content: '<s>', lstrip: true },
    })
    expect([...tokenizer.specials]).toEqual([
      ['<|end|>', 257],
      ['<s>', 258],
      ['<pad>', 259],
    ])
    expect([...tokenizer.encode('hi  <s>', { allowSpecials: true })]).toEqual([256, 258])
  })

  it('change the flags of tokens that are listed', () => {
    const listed = { content: '<|end|>', lstrip: true, special: false }
    const { tokenizer } = read({ added_tokens_decoder: { 257: listed, 300: { content: 'zz' } } }, { eos_token: '</s>' })
    expect(tokenizer.specials.size).toBe(0)
    expect([...tokenizer.encode('hi <|end|>zz')]).toEqual([256, 257, 258])
  })

  it('name tokens in special_tokens_map.json where none are listed', () => {
    const { config } = read({ eos_token: 'a' }, { eos_token: 'hi', additional_special_tokens: ['<x>'] })
    expect(config.specialTokens.eos.content).toBe('hi')
    expect(config.extraSpecialTokens.map(({ content }) => content)).toEqual(['<x>'])
  })

  it('come back as they were', () => {
    const { tokenizer, config } = read({
      bos_token: { content: '<s>', lstrip: true, rstrip: false, single_word: false, normalized: true },
      eos_token: '<|end|>',
      model_max_length: 1e30,
      add_bos_token: true,
      padding_side: 'left',
      chat_template: [{ name: 'default', template: '{{ messages }}' }],
    })
    expect(config.modelMaxLength).toBeUndefined()
    expect(readTokenizerConfig(writeTokenizerConfig(config))).toEqual(config)
    const again = readTokenizerFolder(writeTokenizerFolder(tokenizer, config))
    expect(again.tokenizer.definition()).toBe(tokenizer.definition())
    const jinja = writeTokenizerFolder(tokenizer, { ...config, chatTemplate: 'x' })
    expect(jinja['chat_template.jinja']).toBe('x')
    expect(readTokenizerFolder(jinja).config.chatTemplate).toBe('x')
  })

  it.each([
    [{ eos_token: 5, added_tokens_decoder: { x: {} } }, /added_tokens_decoder\["x"\]: its name is not an id/],
    [{ added_tokens_decoder: { 5: {} } }, /added_tokens_decoder\["5"\]\.content: expected text, got nothing/],
    [{ padding_side: 'up' }, /tokenizer_config\.json: padding_side: "up" is not one of left, right/],
    [{ eos_token: '' }, /tokenizer_config\.json/],
  ])('say what is wrong in %j', (config, message) => {
    expect(() => read(config)).toThrow(FormatError)
    expect(() => read(config)).toThrow(message)
  })
})
