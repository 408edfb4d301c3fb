import type { Meta } from '../../index.ts'
import { joinBlocks, mainBlocks } from './main-text.ts'
import { readBlocks } from './read-blocks.ts'

/** The main text of a page, and what the page says of itself. */
export interface ExtractedPage {
  /** Empty when the page has none: a list of links, a form. */
  readonly text: string
  /** `title`, `lang` as the page says it, `url` that it names as its own. */
  readonly meta: Meta
}

/**
 * The main text of a page: paragraphs, their headings, lists, tables as rows, code as it stands; without menus, footers,
 * forms and what else stands around. Nothing in it depends on the language.
 *
 * Cost: linear, whatever the nesting.
 *
 * @example
 * const sentence = 'Whales are mammals that live in the sea, and breathe air as we do.'
 * const page = extractText(`<title>Whales</title><nav><a href="/">Home</a></nav><main><p>${sentence}</main>`)
 * page.text === sentence // true
 * page.meta // { title: 'Whales' }
 */
export function extractText(html: string): ExtractedPage {
  const { blocks, head } = readBlocks(html)
  let main = mainBlocks(blocks)
  // Something that stands around the text may never have been closed, and holds all of it.
  if (main.length === 0) main = mainBlocks(readBlocks(html, false).blocks)
  return { text: joinBlocks(main), meta: { ...head } }
}
