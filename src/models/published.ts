import { ConfigError } from '../base/index.ts'
import { gpt2Layout } from './gpt2-layout.ts'
import type { PublishedLayout } from './published-layout.ts'

const layouts: Readonly<Record<string, PublishedLayout>> = { gpt2: gpt2Layout }

/**
 * The published layout of a model's family.
 *
 * @throws ConfigError for a family whose layout is not known
 *
 * @example
 * publishedLayout('gpt2').prefix // 'transformer.'
 */
export function publishedLayout(family: string): PublishedLayout {
  if (Object.hasOwn(layouts, family)) return layouts[family]
  throw new ConfigError(
    `the published layout of ${family} is not known; there is one for ${Object.keys(layouts).join(', ')}`,
  )
}
