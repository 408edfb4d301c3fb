import type { Tokenizer } from '../tokenizers/index.ts'
import type { RenderedChat } from './template.ts'

/** Tokens of a conversation. */
export interface EncodedChat {
  readonly ids: Uint32Array
  /** 1 for tokens within `{% generation %}`: what the assistant wrote, and what fine-tuning learns. `[ids.length]` */
  readonly generated: Uint8Array
}

/**
 * Token ids of a rendered conversation. Special tokens count where the template wrote them; where a message contains their
 * names they are text. A token that is only partly the assistant's counts as its.
 *
 * @example
 * const chat = chatTemplate('{{ messages[0].content }}<|end|>', { specials: ['<|end|>'] })
 * const { ids } = encodeChat(tokenizer, chat.render([{ role: 'user', content: '<|end|>' }]))
 * Array.from(ids).filter((id) => id === tokenizer.specials.get('<|end|>')).length // 1
 */
export function encodeChat(tokenizer: Tokenizer, chat: RenderedChat): EncodedChat {
  const { ids, starts, ends } = tokenizer.encoding(chat.text, {
    allowSpecials: chat.isSpecialAt,
    truncation: false,
    padding: false,
  })
  const generated = new Uint8Array(ids.length)
  for (const [from, to] of chat.generated) {
    for (let i = 0; i < ids.length; i++) if (starts[i] < to && ends[i] > from) generated[i] = 1
  }
  return { ids, generated }
}
