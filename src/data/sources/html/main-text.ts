import type { Block } from './block.ts'

/** More of a block than this in links, and it is a menu (Pomikálek 2011, section 3.4). */
const mostLinks = 0.2
/** Weights of blocks between short, middling and long ones (the same, table 3.1). */
const short = 70
const long = 200
/** A heading belongs to a good block that begins so near behind it. */
const headingReach = 200

type Class = 'good' | 'near' | 'short' | 'bad'

/** The end of a sentence, with the quotes and brackets that may follow, in the scripts that have a mark for it. */
const sentenceEnd = /[.!?…。！？．｡؟۔।॥።։᙮]["'”’»)\]」』）]*$/u

/**
 * Which blocks of a page are its main text: long ones with few links are, and shorter ones when they stand among such. In
 * the manner of jusText, with length and the end of a sentence in place of lists of stop words, so that it goes for any
 * language.
 *
 * Source: Pomikálek, Removing Boilerplate and Duplicate Content from Web Corpora, 2011, chapter 3; the weight of links and
 * length: Kohlschütter, Fankhauser, Nejdl, Boilerplate Detection using Shallow Text Features, 2010.
 */
export function mainBlocks(blocks: readonly Block[]): Block[] {
  const first = blocks.map(firstClass)
  const classes = first.map((own, i) => (own === 'short' || own === 'near' ? classAmong(own, i, first, blocks) : own))
  keepHeadings(blocks, classes)
  return blocks.filter((_, i) => classes[i] === 'good')
}

/** What a block is by itself. */
function firstClass({ kind, text, weight, linkWeight, inMain }: Block): Class {
  if (kind === 'heading') return 'short'
  if (linkWeight > mostLinks * weight) return weight - linkWeight >= long && linkWeight < weight / 2 ? 'near' : 'bad'
  if (kind === 'code') return inMain || weight >= long ? 'good' : 'near'
  if (weight >= long) return 'good'
  // A menu is made of links; a list or a table without any goes with the text beside it.
  if ((kind === 'item' || kind === 'row') && linkWeight === 0) return 'near'
  const isSentence = sentenceEnd.test(text.slice(-8))
  if (weight >= short) return isSentence || inMain ? 'good' : 'near'
  return isSentence && (inMain || weight >= short / 2) ? 'near' : 'short'
}

/** What a middling or short block is by the nearest ones around that are good or bad. */
function classAmong(own: Class, at: number, classes: readonly Class[], blocks: readonly Block[]): Class {
  const before = neighbour(at, -1, classes, blocks)
  const after = neighbour(at, 1, classes, blocks)
  if (own === 'near') return before.good || after.good ? 'good' : 'bad'
  if (before.good && after.good) return 'good'
  return (before.good && after.near) || (after.good && before.near) ? 'good' : 'bad'
}

/** The nearest block to one side that is good or bad, and whether a middling one stands before it. */
function neighbour(
  from: number,
  step: 1 | -1,
  classes: readonly Class[],
  blocks: readonly Block[],
): { good: boolean; near: boolean } {
  let near = false
  // What is further away says nothing; the bound keeps pages of short lines from being looked through again and again.
  for (let i = from + step, left = 64; left > 0; i += step, left--) {
    const own = classes[i]
    // The end of a page's main element is as good as text; the end of a page is not.
    if (own === undefined || blocks[i].inMain !== blocks[from].inMain) return { good: blocks[from].inMain, near }
    if (own === 'good') return { good: true, near }
    if (own === 'bad') return { good: false, near }
    near ||= own === 'near'
  }
  return { good: false, near }
}

/** Headings are kept before the text that they are of, and left out otherwise. */
function keepHeadings(blocks: readonly Block[], classes: Class[]): void {
  for (let i = blocks.length - 1; i >= 0; i--) {
    if (blocks[i].kind !== 'heading') continue
    let between = 0
    let kept = false
    for (let j = i + 1; j < blocks.length && between <= headingReach; j++) {
      const isDeeper = blocks[j].kind === 'heading' && blocks[j].level > blocks[i].level
      if (blocks[j].kind === 'heading' && !isDeeper) break
      if (classes[j] === 'good') {
        kept = true
        break
      }
      between += blocks[j].weight
    }
    classes[i] = kept ? 'good' : 'bad'
  }
}

/** Blocks as a text: items and rows on lines of their own, a blank line between all others. */
export function joinBlocks(blocks: readonly Block[]): string {
  let text = ''
  for (const [i, block] of blocks.entries()) {
    const before = blocks[i - 1]
    if (before !== undefined) {
      const isRun = before.kind === block.kind && (block.kind === 'item' || block.kind === 'row')
      text += isRun ? '\n' : '\n\n'
    }
    text += block.text
  }
  return text
}
