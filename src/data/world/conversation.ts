import type { WorldDocument } from './world-document.ts'

/** What one side says. The usual shape of conversations to train and evaluate chat models on. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface Conversation {
  readonly messages: readonly Message[]
}

const roles: Readonly<Record<string, Message['role']>> = {
  System: 'system',
  Жүйе: 'system',
  User: 'user',
  Пайдаланушы: 'user',
  Question: 'user',
  Сұрақ: 'user',
  Assistant: 'assistant',
  Көмекші: 'assistant',
  Answer: 'assistant',
  Жауап: 'assistant',
}

/**
 * A document as a conversation, when it is one: questions with answers, and what an assistant is told to do. Every turn
 * is a line that begins with who speaks. Undefined for stories, and for dialogues between people of the world.
 *
 * @example
 * const { messages } = conversationOf({ text: 'Question: What is 2 + 2?\nAnswer: 2 + 2 = 4.\n' })
 * messages[1] // { role: 'assistant', content: '2 + 2 = 4.' }
 */
export function conversationOf({ text }: Pick<WorldDocument, 'text'>): Conversation | undefined {
  const messages: Message[] = []
  for (const line of text.trimEnd().split('\n')) {
    const at = line.indexOf(': ')
    const role = at < 0 ? undefined : roles[line.slice(0, at)]
    if (role === undefined) return undefined
    messages.push({ role, content: line.slice(at + 2) })
  }
  return { messages }
}
