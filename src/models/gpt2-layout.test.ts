import { describe, expect, it } from 'vitest'
import { parameterCount } from '../nn/index.ts'
import { gpt2, gpt2Sizes, modelFromConfig, publishedLayout, publishedTensor } from './index.ts'

describe('names of a published GPT-2', () => {
  const layout = publishedLayout('gpt2')

  it.each(['', 'transformer.'])('are those of its weights, after "%s"', (prefix) => {
    for (const name of Object.keys(gpt2(gpt2Sizes['gpt2-124m']).weights))
      expect(publishedTensor(layout, prefix + name)).toEqual({ weight: name, isCopy: false })
    for (const name of ['h.0.attn.bias', 'h.11.attn.masked_bias'])
      expect(publishedTensor(layout, prefix + name)).toBeUndefined()
  })

  it('may repeat the embedding', () => {
    expect(publishedTensor(layout, 'lm_head.weight')).toEqual({ weight: 'wte.weight', isCopy: true })
  })
})

describe('the config.json of a GPT-2', () => {
  // huggingface.co/openai-community/gpt2, without the entries for a summary.
  const published = {
    activation_function: 'gelu_new',
    architectures: ['GPT2LMHeadModel'],
    attn_pdrop: 0.1,
    bos_token_id: 50256,
    embd_pdrop: 0.1,
    eos_token_id: 50256,
    initializer_range: 0.02,
    layer_norm_epsilon: 1e-5,
    model_type: 'gpt2',
    n_ctx: 1024,
    n_embd: 768,
    n_head: 12,
    n_layer: 12,
    n_positions: 1024,
    resid_pdrop: 0.1,
    vocab_size: 50257,
  }

  it('that is published is read', () => {
    const model = modelFromConfig(published)
    expect(parameterCount(model.weights)).toBe(124_439_808)
    expect(Object.keys(publishedLayout('gpt2').config(model))).toEqual(expect.arrayContaining(Object.keys(published)))
  })

  it('may say what is so anyway', () => {
    const more = { n_inner: 3072, activation_function: 'gelu_pytorch_tanh', scale_attn_weights: true }
    expect(modelFromConfig({ ...published, ...more }).weights).toEqual(modelFromConfig(published).weights)
  })

  it('has its own epsilon', () => {
    expect(modelFromConfig({ ...published, layer_norm_epsilon: 1e-6 }).config.layer_norm_epsilon).toBe(1e-6)
  })

  it.each([
    ['activation_function', 'relu'],
    ['n_inner', 2048],
    ['scale_attn_by_inverse_layer_idx', true],
    ['tie_word_embeddings', false],
  ])('that asks for another %s is refused', (name, value) => {
    expect(() => modelFromConfig({ ...published, [name]: value })).toThrow(`config.json: ${name} must be`)
  })
})
