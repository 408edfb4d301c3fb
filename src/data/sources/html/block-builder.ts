import { type Block, textWeight } from './block.ts'

/** Stands for a line break until white space is made even. */
const breakMark = '\u0001'

/** Gathers running text into blocks. */
export class BlockBuilder {
  readonly blocks: Block[] = []
  /** What the next block is. */
  heading = 0
  inMain = false
  inLink = false
  #code = false
  #marker = ''
  #text = ''
  #isBlank = true
  #linkWeight = 0
  #cells = 0

  add(text: string): void {
    this.#text += text
    this.#isBlank &&= text.trim() === ''
    if (this.inLink) this.#linkWeight += textWeight(text.trim())
  }

  lineBreak(): void {
    this.#text += this.#code ? '\n' : breakMark
  }

  space(): void {
    this.#text += ' '
  }

  /** Characters so far, white space too. */
  get length(): number {
    return this.#text.length
  }

  /** The next block begins with this mark of a list. */
  item(marker: string): void {
    this.end()
    this.#marker = marker
  }

  /** A cell of a table begins; those of a row stand on one line. */
  cell(): void {
    if (this.#isBlank) return
    this.#text += ' | '
    this.#cells++
  }

  /** From here on white space stays as it is, or no longer. */
  code(isCode: boolean): void {
    this.end()
    this.#code = isCode
  }

  /** What was read is a block. */
  end(): void {
    const text = this.#code ? this.#text.replace(/^\r?\n/, '').trimEnd() : evenSpace(this.#text).trim()
    const [marker, linkWeight, cells] = [this.#marker, this.#linkWeight, this.#cells]
    this.#text = ''
    this.#isBlank = true
    this.#linkWeight = 0
    this.#cells = 0
    if (text.trim() === '') return
    this.#marker = ''
    const kind = this.#code
      ? 'code'
      : this.heading > 0
        ? 'heading'
        : cells > 0
          ? 'row'
          : marker !== ''
            ? 'item'
            : 'text'
    this.blocks.push({
      kind,
      level: kind === 'heading' ? this.heading : 0,
      text: marker + text,
      weight: textWeight(text),
      linkWeight,
      inMain: this.inMain,
    })
  }
}

const breakRun = new RegExp(` ?${breakMark}[ ${breakMark}]*`, 'g')

/** Runs of white space as one space, line breaks as one or two line ends. */
function evenSpace(text: string): string {
  const spaced = text.replace(/[ \t\n\f\r]+/g, ' ')
  if (!spaced.includes(breakMark)) return spaced
  return spaced.replace(breakRun, (run) => (run.indexOf(breakMark) < run.lastIndexOf(breakMark) ? '\n\n' : '\n'))
}
