import type { Scanner, StageJson } from '../../stages.ts'
import { type Cl100kOptions, cl100kScanner } from './cl100k.ts'
import { deepseekScanner } from './deepseek.ts'
import { gpt2Scanner } from './gpt2.ts'
import { type O200kOptions, o200kScanner } from './o200k.ts'

/** The regular expressions of `Split` stages, one after the other, and the scanner that cuts as they do. */
interface Pattern {
  readonly regexes: readonly string[]
  makeScanner(): Scanner
}

const suffixes = "'s|'t|'re|'ve|'m|'ll|'d"
const asciiSuffixes = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"
const signs = ' ?[^\\s\\p{L}\\p{N}]+'
const spaces = '\\s+(?!\\S)|\\s+'
const lines = `\\s*[\\r\\n]+|${spaces}`
const prefix = '[^\\r\\n\\p{L}\\p{N}]?'

function numbers(digits: number): string {
  if (digits === Number.POSITIVE_INFINITY) return '\\p{N}+'
  return digits === 1 ? '\\p{N}' : `\\p{N}{1,${digits}}`
}

function gpt2(): Pattern {
  return { regexes: [`${suffixes}| ?\\p{L}+| ?\\p{N}+|${signs}|${spaces}`], makeScanner: gpt2Scanner }
}

function cl100k(options: Cl100kOptions): Pattern {
  const { digits, marksInWords, contractions, wholeTail } = options
  const parts = [
    contractions === 'ascii' ? `(?:${asciiSuffixes})` : `(?i:${suffixes})`,
    prefix + (marksInWords ? '[\\p{L}\\p{M}]+' : '\\p{L}+'),
    numbers(digits),
    `${marksInWords ? ' ?[^\\s\\p{L}\\p{M}\\p{N}]+' : signs}[\\r\\n]*`,
    ...(wholeTail ? ['\\s+\\z'] : []),
    lines,
  ]
  return { regexes: [parts.join('|')], makeScanner: () => cl100kScanner(options) }
}

function o200k(options: O200kOptions): Pattern {
  const capital = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]'
  const small = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]'
  const suffix = options.contractions ? `(?i:${suffixes})?` : ''
  const words = `${prefix}${capital}*${small}+${suffix}|${prefix}${capital}+${small}*${suffix}`
  return {
    regexes: [`${words}|${numbers(options.digits)}|${signs}[\\r\\n/]*|${lines}`],
    makeScanner: () => o200kScanner(options),
  }
}

function deepseek(): Pattern {
  // Published with the characters U+000D and U+000A themselves.
  const third =
    '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|' +
    '\\s*[\r\n]+|\\s+(?!\\S)|\\s+'
  return { regexes: [numbers(3), '[一-龥\u3040-ゟ゠-ヿ]+', third], makeScanner: deepseekScanner }
}

/** By the encoding or the model that made it known. */
const patterns = {
  /** GPT-2; also r50k and p50k. */
  gpt2,
  /** GPT-3.5 and GPT-4. */
  cl100k: () => cl100k({ digits: 3 }),
  /** As Python's tiktoken has cl100k today: white space that ends a text is one piece, newlines or not. */
  'cl100k-whole-tail': () => cl100k({ digits: 3, wholeTail: true }),
  /** GPT-4o, GPT-5, gpt-oss. */
  o200k: () => o200k({ digits: 3, contractions: true }),
  /** The same as cl100k. */
  llama3: () => cl100k({ digits: 3 }),
  /** Also Qwen 3. */
  qwen2: () => cl100k({ digits: 1 }),
  /** With marks as parts of words, as Devanagari needs. */
  'qwen3.5': () => cl100k({ digits: 1, marksInWords: true }),
  /** Mistral. */
  tekken: () => o200k({ digits: 1, contractions: false }),
  /** DeepSeek V3 and R1. */
  deepseek,
}

export type PatternName = keyof typeof patterns
export const patternNames = Object.keys(patterns) as PatternName[]

/** A scanner, and the entry of a tokenizer.json that cuts alike. */
export function namedScanner(name: PatternName): { json: StageJson; scanner: Scanner } {
  const { regexes, makeScanner } = patterns[name]()
  const splits = regexes.map((Regex) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false }))
  return {
    json: splits.length === 1 ? splits[0] : { type: 'Sequence', pretokenizers: splits },
    scanner: makeScanner(),
  }
}

/**
 * The scanner that cuts as an entry of a tokenizer.json does: `Split`, or `Sequence` of `Split`, in any of the
 * spellings that are published.
 *
 * @returns undefined when there is none; the regular expression then has to be run as it is
 *
 * @example
 * scannerOfPattern(pieces('qwen2').json) !== undefined // true
 * scannerOfPattern({ type: 'Split', pattern: { Regex: 'x+' }, behavior: 'Isolated', invert: false }) // undefined
 */
export function scannerOfPattern(json: StageJson): Scanner | undefined {
  const splits = json.type === 'Sequence' && Array.isArray(json.pretokenizers) ? json.pretokenizers : [json]
  const regexes = splits.map(splitRegex)
  const [first] = regexes
  if (first === undefined) return undefined
  const digits = /\|\\p\{N\}(?:\{1,([1-9])\}|(\+?))\|/.exec(first)
  const candidates = [gpt2(), deepseek()]
  if (digits !== null) {
    const most = digits[2] === '+' ? Number.POSITIVE_INFINITY : Number(digits[1] ?? 1)
    candidates.push(o200k({ digits: most, contractions: true }), o200k({ digits: most, contractions: false }))
    for (const contractions of ['folded', 'ascii'] as const) {
      for (const marksInWords of [false, true]) {
        candidates.push(cl100k({ digits: most, contractions, marksInWords }))
        candidates.push(cl100k({ digits: most, contractions, marksInWords, wholeTail: true }))
      }
    }
  }
  const found = candidates.find(
    (candidate) =>
      candidate.regexes.length === regexes.length &&
      candidate.regexes.every((regex, i) => plainSpelling(regex) === regexes[i]),
  )
  // What DeepSeek's regular expressions do not match would be lost if matches were kept and the rest removed.
  if (found === undefined || (regexes.length > 1 && !splits.every(isIsolated))) return undefined
  return found.makeScanner()
}

/** The regular expression of a `Split` that keeps its matches as pieces. */
function splitRegex(json: StageJson): string | undefined {
  if (json?.type !== 'Split' || !(isIsolated(json) || (json.behavior === 'Removed' && json.invert === true)))
    return undefined
  const { pattern } = json
  if (typeof pattern !== 'object' || pattern === null || !('Regex' in pattern)) return undefined
  return typeof pattern.Regex === 'string' ? plainSpelling(pattern.Regex) : undefined
}

/** With `Isolated` it does not matter which of the pieces are the matches. */
function isIsolated(json: StageJson): boolean {
  return json.behavior === 'Isolated'
}

/**
 * One spelling for the regular expressions that are the same. Possessive `?+` and `++` change nothing where what they
 * hold could not help what follows, which is so wherever there are no marks. (`{1,3}+` is another matter: to Oniguruma,
 * which runs the patterns of tokenizer.json, it is one or more of `{1,3}`.)
 */
function plainSpelling(regex: string): string {
  const escaped = regex.replaceAll('\r', '\\r').replaceAll('\n', '\\n')
  if (escaped.includes('\\p{M}')) return escaped
  return escaped
    .replace(/([?*+])\+/g, '$1')
    .replace(/^'\((\?i?:)\[sdmt\]\|ll\|ve\|re\)/, (_, mode) => (mode === '?:' ? suffixes : `(?i:${suffixes})`))
    .replace('|\\s+$|\\s+(', '|\\s+(')
    .replace('|\\s*[\\r\\n]|', '|\\s*[\\r\\n]+|')
    .replace(/\|\\s$/, '|\\s+')
}
