import { Tokenizer } from 'htmlparser2'
import type { Block, PageHead } from './block.ts'
import { BlockBuilder } from './block-builder.ts'
import { aroundElements, type ElementRole, elementRoles, saysAround } from './elements.ts'

/** Elements that are told apart inside each other; those that lie deeper only count. */
const deepest = 256
/** Characters of a cell that go into its row, whatever blocks they are in. */
const shortCell = 200
const longestHead = 1000

interface OpenElement {
  readonly name: string
  readonly role: ElementRole | undefined
  readonly dropped: boolean
}

/**
 * The blocks of a page in order, and what its head says. No tree is made: open elements stand on a stack of bounded height,
 * so nesting costs nothing, and what was never closed ends with what is around it.
 *
 * @param dropAround whether what stands around the text by its marks (nav, footer, class names) is left out
 * Cost: linear.
 */
export function readBlocks(html: string, dropAround = true): { readonly blocks: Block[]; readonly head: PageHead } {
  const reader = new BlockReader(html, dropAround)
  const tokenizer = new Tokenizer({ decodeEntities: true }, reader)
  tokenizer.write(html)
  tokenizer.end()
  return { blocks: reader.builder.blocks, head: reader.head }
}

class BlockReader {
  readonly builder = new BlockBuilder()
  readonly head: PageHead = {}
  #html: string
  #dropAround: boolean
  #stack: OpenElement[] = []
  #beyond = 0
  #dropping = 0
  #mains = 0
  #codes = 0
  #rows = 0
  /** Lists that are open; how many items a numbered one had, or −1. */
  #lists: number[] = []
  /** Height of the stack at which a link is open, or −1. */
  #link = -1
  #title: string | undefined
  /** Of the tag that is being read. */
  #tag = ''
  #attribute = ''
  #value = ''
  #around = false
  #attributes: Record<string, string> = {}

  constructor(html: string, dropAround: boolean) {
    this.#html = html
    this.#dropAround = dropAround
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.#html.slice(start, end).toLowerCase()
    this.#around = false
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, end).toLowerCase()
    this.#value = ''
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.#html.slice(start, end)
  }

  onattribentity(codepoint: number): void {
    this.#value += String.fromCodePoint(codepoint)
  }

  onattribend(): void {
    if (this.#dropAround) this.#around ||= saysAround(this.#attribute, this.#value)
    if (this.#tag === 'html' || this.#tag === 'link' || this.#tag === 'meta') {
      this.#attributes[this.#attribute] = this.#value
    }
  }

  onopentagend(): void {
    const name = this.#tag
    if (name === 'html' || name === 'link' || name === 'meta') this.#readHead(name)
    if (name === 'title') this.#title = this.head.title === undefined && this.#dropping === 0 ? '' : undefined
    else if (name === 'br') {
      if (this.#dropping === 0) this.builder.lineBreak()
    } else if (name === 'a') {
      this.#link = this.#stack.length
      this.builder.inLink = true
    } else this.#open(name)
  }

  onselfclosingtag(): void {
    const name = this.#tag
    this.onopentagend()
    // Only pictures and formulas have elements that close themselves.
    if (this.#dropping > 0 && this.#stack.some((open) => open.name === 'svg' || open.name === 'math')) this.#close(name)
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).toLowerCase()
    if (name === 'title') {
      if (this.#title !== undefined) this.head.title = this.#title.replace(/\s+/g, ' ').trim().slice(0, longestHead)
      this.#title = undefined
    } else if (name === 'a') this.#closeLink()
    else if (name === 'br') this.builder.lineBreak()
    else this.#close(name)
  }

  ontext(start: number, end: number): void {
    this.#add(this.#html.slice(start, end))
  }

  ontextentity(codepoint: number): void {
    this.#add(String.fromCodePoint(codepoint))
  }

  onend(): void {
    this.builder.end()
  }

  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}

  #add(text: string): void {
    if (this.#title !== undefined) {
      if (this.#title.length < longestHead) this.#title += text
    } else if (this.#dropping === 0) this.builder.add(text)
  }

  #readHead(name: string): void {
    const { lang, rel, href, property, content } = this.#attributes
    this.#attributes = {}
    if (name === 'html' && lang) this.head.lang ??= lang.slice(0, 35)
    if (name === 'link' && rel?.toLowerCase() === 'canonical' && href) this.head.url ??= href.slice(0, longestHead)
    if (name === 'meta' && property === 'og:url' && content) this.head.url ??= content.slice(0, longestHead)
  }

  #closeLink(): void {
    this.#link = -1
    this.builder.inLink = false
  }

  #open(name: string): void {
    const role = elementRoles.get(name)
    const isWhole = name !== 'html' && name !== 'body' && role !== 'main'
    const isDropped =
      (role === 'drop' && (this.#dropAround || !aroundElements.has(name))) ||
      (this.#around && isWhole && role !== 'void')
    if (role === 'void') {
      if (name === 'hr') this.builder.end()
      return
    }
    // A page's main text does not stand in what is around it: something was not closed.
    if (name === 'main') while (this.#dropping > 0) this.#pop()
    if (role === undefined && !isDropped && this.#dropping === 0) return
    if (role !== undefined) this.#closeImplied(name, role)
    if (this.#stack.length >= deepest) {
      this.#beyond++
      if (this.#dropping === 0) this.builder.end()
      return
    }
    this.#stack.push({ name, role, dropped: isDropped })
    if (isDropped) this.#dropping++
    if (this.#dropping > 0) return
    this.#begin(name, role!)
  }

  /** What an element that opens says of the blocks to come. */
  #begin(name: string, role: ElementRole): void {
    const { builder } = this
    if (role === 'cell') builder.cell()
    else if (role === 'item') builder.item(this.#marker())
    else if (role === 'code') {
      this.#codes++
      builder.code(true)
    } else if (role === 'block' && this.#isInShortCell()) builder.space()
    else {
      builder.end()
      if (role === 'list') this.#lists.push(name === 'ol' ? 0 : -1)
      if (role === 'row') this.#rows++
      if (role === 'heading') builder.heading = Number(name[1])
      if (role === 'main') {
        this.#mains++
        builder.inMain = true
      }
    }
  }

  #pop(): void {
    const { role, dropped } = this.#stack.pop()!
    if (this.#stack.length < this.#link) this.#closeLink()
    const { builder } = this
    if (this.#dropping > 0) {
      if (dropped) this.#dropping--
    } else if (role === 'code') builder.code(--this.#codes > 0)
    else if (role === 'block' && this.#isInShortCell()) builder.space()
    else if (role !== 'cell') {
      builder.end()
      if (role === 'heading') builder.heading = 0
      if (role === 'list') this.#lists.pop()
      if (role === 'row') this.#rows--
      if (role === 'main') builder.inMain = --this.#mains > 0
    }
  }

  #isInShortCell(): boolean {
    return this.#rows > 0 && this.builder.length < shortCell
  }

  /** What an item of the list that is open begins with. */
  #marker(): string {
    const depth = Math.max(this.#lists.length - 1, 0)
    const indent = '  '.repeat(Math.min(depth, 8))
    const count = this.#lists[depth] ?? -1
    if (count < 0) return `${indent}- `
    this.#lists[depth] = count + 1
    return `${indent}${count + 1}. `
  }

  /** Ends what ends when such an element begins, though nobody said so. */
  #closeImplied(name: string, role: ElementRole): void {
    if (this.#beyond > 0) return
    const top = this.#stack.at(-1)
    // Headings hold blocks now and then, but no paragraphs.
    if (top?.name === 'p' || (top?.role === 'heading' && (name === 'p' || (role !== 'block' && role !== 'drop'))))
      this.#pop()
    if (role !== 'item' && role !== 'row' && role !== 'cell') return
    for (let i = this.#stack.length - 1; i >= 0; i--) {
      const open = this.#stack[i]
      if (open.role === role) {
        while (this.#stack.length > i) this.#pop()
        return
      }
      if (open.role === 'table' || open.role === (role === 'item' ? 'list' : 'row') || open.dropped) return
      if (role === 'item' && open.role === 'cell') return
    }
  }

  #close(name: string): void {
    const role = elementRoles.get(name)
    if (role === undefined && this.#dropping === 0) return
    if (role === 'void') return
    if (this.#beyond > 0) {
      this.#beyond--
      if (this.#dropping === 0) this.builder.end()
      return
    }
    const isTablePart = role === 'table' || role === 'row' || role === 'cell' || name === 'body' || name === 'html'
    for (let i = this.#stack.length - 1; i >= 0; i--) {
      const open = this.#stack[i]
      if (open.name === name) {
        while (this.#stack.length > i) this.#pop()
        return
      }
      // A stray tag in a cell ends nothing outside of it.
      if (open.role === 'cell' && !isTablePart) break
    }
    if (this.#dropping === 0 && this.#rows === 0) this.builder.end()
  }
}
