import { DataError } from '../../base/index.ts'
import { folded } from './case-folding.ts'
import * as op from './operations.ts'
import type { Program } from './program.ts'
import { quoted } from './syntax.ts'

/** How many steps a search may still take. */
export interface Allowance {
  steps: number
}

/**
 * What to do when a try fails: frames of four numbers, a kind and three values, on a stack that all programs share, for
 * a search never leaves anything on it.
 */
const frameSize = 4
const largestStack = 1 << 26
let stack = new Int32Array(1 << 12)

/** list, position: the next way of a choice. */
const wayFrame = 0
/** place in the code, position, lowest position: one character less. */
const greedyFrame = 1
/** place in the code, position, how many more: one character more. */
const lazyFrame = 2
/** place to go to on failure, position, frame of the part around. */
const partFrame = 3
/** register, its two values. */
const undoFrame = 4
/** place in the code, position: leave a loop. */
const leaveFrame = 5
/** place in the code, position: enter a loop's body once more. */
const enterFrame = 6
/** place in the code, position, how far behind to begin. */
const behindFrame = 7

/** The letter of the code point at `at`, which is below the length. */
function letterAt(program: Program, text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if (unit < 0x100) return program.letters[unit]
  const code = (unit & 0xfc00) === 0xd800 ? text.codePointAt(at)! : unit
  return program.letters[program.pages[code >> 8] + (code & 0xff)]
}

/** The letter at `at`, or that of the end. */
function letterOrEnd(program: Program, text: string, at: number): number {
  return at < text.length ? letterAt(program, text, at) : program.size
}

/** Where the code point begins that ends at `at`, which is above 0. */
function stepBack(text: string, at: number): number {
  const isPair =
    at > 1 && (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 2) & 0xfc00) === 0xd800
  return isPair ? at - 2 : at - 1
}

/** The letter before `at`; that of the end at the start of the text. */
function letterBefore(program: Program, text: string, at: number): number {
  return at > 0 ? letterAt(program, text, stepBack(text, at)) : program.size
}

/** Where a run of at most `most` characters of a set ends. */
function runEnd(program: Program, text: string, at: number, row: number, most: number): number {
  const { letters, rows, firstWide } = program
  const { length } = text
  for (let left = most; at < length && left > 0; left--) {
    const unit = text.charCodeAt(at)
    if (unit < 0x100) {
      if (rows[row + letters[unit]] === 0) break
      at++
    } else {
      const letter = letterAt(program, text, at)
      if (rows[row + letter] === 0) break
      at += letter < firstWide ? 1 : 2
    }
  }
  return at
}

/** Where `count` characters of a set end, or −1 when there are not as many. */
function afterExactly(program: Program, text: string, at: number, row: number, count: number): number {
  for (let i = 0; i < count; i++) {
    const end = runEnd(program, text, at, row, 1)
    if (end === at) return -1
    at = end
  }
  return at
}

/** Where what stands from `start` to `end` stands again at `at`, or −1. */
function repeated(text: string, start: number, end: number, at: number, ignoresCase: boolean): number {
  if (start < 0) return -1
  if (!ignoresCase) return text.startsWith(text.slice(start, end), at) ? at + end - start : -1
  while (start < end) {
    if (at >= text.length) return -1
    const [a, b] = [text.codePointAt(start)!, text.codePointAt(at)!]
    if (folded(a) !== folded(b)) return -1
    start += a > 0xffff ? 2 : 1
    at += b > 0xffff ? 2 : 1
  }
  return at
}

function grown(program: Program): Int32Array<ArrayBuffer> {
  if (stack.length >= largestStack) {
    throw new DataError(`regex ${quoted(program.pattern)}: this text has too many ways to match to remember them all`)
  }
  const larger = new Int32Array(stack.length * 2)
  larger.set(stack)
  return larger
}

/**
 * Tries to match at one place, ways in their order, each to its end before the next: backtracking with a stack of its
 * own, so that no text is too deep.
 *
 * @returns where the match ends, or −1
 */
export function execute(program: Program, text: string, start: number, allowance: Allowance): number {
  const { code, rows, tables, lists, firstWide } = program
  const registers = program.registers === 0 ? noRegisters : new Int32Array(program.registers).fill(-1)
  const { length } = text
  let { steps } = allowance
  let frames = stack
  let top = 0
  /** The innermost part that is open. */
  let part = -1
  let pc = 0
  let at = start
  for (;;) {
    if (--steps < 0) throw tooSlow(program, start)
    // Two frames are the most that an operation pushes.
    if (top + 2 * frameSize > frames.length) frames = stack = grown(program)
    let fails = false
    switch (code[pc]) {
      case op.accept:
        allowance.steps = steps
        return at
      case op.one: {
        const letter = letterOrEnd(program, text, at)
        if (rows[code[pc + 1] + letter] === 0) fails = true
        else {
          at += letter < firstWide ? 1 : 2
          pc += 2
        }
        break
      }
      case op.run: {
        const row = code[pc + 1]
        const min = code[pc + 2]
        const first = min <= 1 ? at : afterExactly(program, text, at, row, min)
        const end = first < 0 ? -1 : runEnd(program, text, first, row, min <= 1 ? code[pc + 3] : code[pc + 3] - min)
        if (end < 0 || (min === 1 && end === at)) fails = true
        else {
          steps -= end - at
          at = end
          pc += 4
        }
        break
      }
      case op.greedy: {
        const row = code[pc + 1]
        const min = code[pc + 2]
        const lowest = afterExactly(program, text, at, row, min)
        if (lowest < 0) fails = true
        else {
          const end = runEnd(program, text, lowest, row, code[pc + 3] - min)
          steps -= end - at
          at = end
          if (end > lowest) {
            frames[top] = greedyFrame
            frames[top + 1] = pc
            frames[top + 2] = end
            frames[top + 3] = lowest
            top += frameSize
          }
          pc += 5
        }
        break
      }
      case op.lazy: {
        const min = code[pc + 2]
        const lowest = afterExactly(program, text, at, code[pc + 1], min)
        if (lowest < 0) fails = true
        else {
          at = lowest
          frames[top] = lazyFrame
          frames[top + 1] = pc
          frames[top + 2] = at
          frames[top + 3] = code[pc + 3] - min
          top += frameSize
          pc += 5
        }
        break
      }
      case op.choose: {
        const list = tables[code[pc + 1] + letterOrEnd(program, text, at)]
        const to = lists[list]
        if (to < 0) fails = true
        else {
          if (lists[list + 1] >= 0) {
            frames[top] = wayFrame
            frames[top + 1] = list + 1
            frames[top + 2] = at
            top += frameSize
          }
          pc = to
        }
        break
      }
      case op.jump:
        pc = code[pc + 1]
        break
      case op.ahead:
        if (rows[code[pc + 1] + letterOrEnd(program, text, at)] === 0) fails = true
        else pc += 2
        break
      case op.behind:
        if (rows[code[pc + 1] + letterBefore(program, text, at)] === 0) fails = true
        else pc += 2
        break
      case op.edge: {
        const row = code[pc + 1]
        const isEdge = rows[row + letterBefore(program, text, at)] ^ rows[row + letterOrEnd(program, text, at)]
        if (isEdge !== code[pc + 2]) fails = true
        else pc += 3
        break
      }
      case op.lineStart:
        // A line feed that ends the text begins no line.
        if (at > 0 && (at === length || text.charCodeAt(at - 1) !== 0x0a)) fails = true
        else pc++
        break
      case op.lastLineEnd:
        if (at < length && (at < length - 1 || text.charCodeAt(at) !== 0x0a)) fails = true
        else pc++
        break
      case op.open:
      case op.openBehind:
        frames[top] = partFrame
        frames[top + 1] = code[pc + 1]
        frames[top + 2] = at
        frames[top + 3] = part
        part = top
        top += frameSize
        if (code[pc] === op.open) pc += 2
        else {
          frames[top] = behindFrame
          frames[top + 1] = pc
          frames[top + 2] = at
          frames[top + 3] = code[pc + 2]
          top += frameSize
          fails = true
        }
        break
      case op.arrived:
        if (at !== frames[part + 2]) fails = true
        else pc++
        break
      case op.commit:
      case op.rewind:
      case op.refuse:
        top = part
        part = frames[top + 3]
        if (code[pc] === op.refuse) fails = true
        else if (code[pc] === op.rewind) at = frames[top + 2]
        pc++
        break
      case op.count:
      case op.keep:
      case op.begin: {
        const register = code[pc + 1]
        frames[top] = undoFrame
        frames[top + 1] = register
        frames[top + 2] = registers[register]
        frames[top + 3] = registers[register + 1]
        top += frameSize
        if (code[pc] === op.begin) registers[register] = at
        else if (code[pc] === op.count) {
          registers[register] = 0
          registers[register + 1] = -1
        }
        pc += 2
        break
      }
      case op.finish: {
        const register = code[pc + 1]
        frames[top] = undoFrame
        frames[top + 1] = register + 2
        frames[top + 2] = registers[register + 2]
        frames[top + 3] = registers[register + 3]
        top += frameSize
        registers[register + 2] = registers[register]
        registers[register + 3] = at
        pc += 2
        break
      }
      case op.loop: {
        const register = code[pc + 1]
        const done = registers[register]
        const must = done < code[pc + 2]
        if (registers[register + 1] === at || done >= code[pc + 3]) pc = code[pc + 5]
        else if (!must && code[pc + 4] === 1) {
          frames[top] = enterFrame
          frames[top + 1] = pc
          frames[top + 2] = at
          top += frameSize
          pc = code[pc + 5]
        } else {
          if (!must) {
            frames[top] = leaveFrame
            frames[top + 1] = code[pc + 5]
            frames[top + 2] = at
            top += frameSize
          }
          frames[top] = undoFrame
          frames[top + 1] = register
          frames[top + 2] = done
          frames[top + 3] = registers[register + 1]
          top += frameSize
          registers[register] = done + 1
          registers[register + 1] = at
          pc += 6
        }
        break
      }
      case op.again: {
        const register = code[pc + 1] + 2
        const end = repeated(text, registers[register], registers[register + 1], at, code[pc + 2] === 1)
        if (end < 0) fails = true
        else {
          steps -= end - at
          at = end
          pc += 3
        }
        break
      }
    }
    while (fails) {
      if (top === 0) {
        allowance.steps = steps
        return -1
      }
      steps--
      top -= frameSize
      const value = frames[top + 1]
      switch (frames[top]) {
        case wayFrame:
          pc = lists[value]
          at = frames[top + 2]
          fails = false
          if (lists[value + 1] >= 0) {
            frames[top + 1] = value + 1
            top += frameSize
          }
          break
        case greedyFrame: {
          const lowest = frames[top + 3]
          const follow = code[value + 4]
          const from = frames[top + 2]
          for (at = from; at > lowest && fails; ) {
            at = stepBack(text, at)
            fails = rows[follow + letterAt(program, text, at)] === 0
          }
          steps -= from - at
          if (!fails) {
            pc = value + 5
            if (at > lowest) {
              frames[top + 2] = at
              top += frameSize
            }
          }
          break
        }
        case lazyFrame: {
          const row = code[value + 1]
          const follow = code[value + 4]
          const from = frames[top + 2]
          let left = frames[top + 3]
          for (at = from; left > 0 && fails; left--) {
            const end = runEnd(program, text, at, row, 1)
            if (end === at) break
            at = end
            fails = rows[follow + letterOrEnd(program, text, at)] === 0
          }
          steps -= at - from
          if (!fails) {
            pc = value + 5
            frames[top + 2] = at
            frames[top + 3] = left
            top += frameSize
          }
          break
        }
        case partFrame:
          part = frames[top + 3]
          if (value >= 0) {
            pc = value
            at = frames[top + 2]
            fails = false
          }
          break
        case undoFrame:
          registers[value] = frames[top + 2]
          registers[value + 1] = frames[top + 3]
          break
        case leaveFrame:
          pc = value
          at = frames[top + 2]
          fails = false
          break
        case enterFrame: {
          at = frames[top + 2]
          const register = code[value + 1]
          frames[top] = undoFrame
          frames[top + 1] = register
          frames[top + 2] = registers[register]
          frames[top + 3] = registers[register + 1]
          top += frameSize
          registers[register]++
          registers[register + 1] = at
          pc = value + 6
          fails = false
          break
        }
        case behindFrame: {
          const distance = frames[top + 3]
          const origin = frames[top + 2]
          at = origin
          let left = distance
          for (; left > 0 && at > 0; left--) at = stepBack(text, at)
          // Too near to the start of the text: all farther ones are too.
          if (left > 0) break
          if (distance < code[value + 3]) {
            frames[top + 3] = distance + 1
            top += frameSize
          }
          pc = value + 4
          fails = false
          break
        }
      }
      if (steps < 0) throw tooSlow(program, start)
    }
  }
}

const noRegisters = new Int32Array(0)

function tooSlow(program: Program, start: number): DataError {
  return new DataError(
    `regex ${quoted(program.pattern)}: too many ways to match from index ${start} of this text; ` +
      'a possessive repeat (++) or an atomic group (?>…) where ways cannot differ makes it fast',
  )
}
