import { ConfigError } from '../../base/index.ts'

/** @throws ConfigError for a text that is not one character */
export function oneCharacter(text: string, where: string): string {
  const code = text.codePointAt(0)
  if (code !== undefined && text === String.fromCodePoint(code)) return text
  throw new ConfigError(`${where} is one character, got ${JSON.stringify(text.slice(0, 40))}`)
}
