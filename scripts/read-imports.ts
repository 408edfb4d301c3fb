/** A piece of a TypeScript source: comments and white space are left out, and so is what regular expressions hold. */
interface Token {
  readonly kind: 'word' | 'string' | 'template' | 'regex' | 'number' | 'mark'
  /** As written; of a string, what is between its quotes. */
  readonly text: string
  readonly line: number
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** `file`: loaded with the importing file or later by import(); `worker`: run on its own, `new URL(…, import.meta.url)`. */
  readonly kind: 'file' | 'worker'
}

export interface SourceFacts {
  readonly imports: readonly Import[]
  /** Lines of import() calls whose argument is not a literal. */
  readonly openImports: readonly number[]
  /** Uses of names that only Node has. */
  readonly nodeGlobals: readonly { readonly name: string; readonly line: number }[]
}

const pattern =
  /(?<skip>\s+|\/\/.*|\/\*[\s\S]*?\*\/)|(?<word>[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*)|(?<number>\.?\d[\w.]*)|(?<string>'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")|(?<mark>\.\.\.|\+\+|--|\?\.(?!\d)|=>|[\s\S])/uy
const regexPattern = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/uy
const templatePattern = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/uy
/** After these words a slash begins a regular expression. */
const beforeExpression = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'do',
  'else',
  'void',
  'delete',
  'yield',
  'await',
])

/** After these marks a slash divides, and an exclamation mark belongs to what it follows. */
const isClosing = (token?: Token) => token?.kind === 'mark' && [')', ']', '}', '++', '--'].includes(token.text)

function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  const match = (expression: RegExp) => {
    expression.lastIndex = at
    const found = expression.exec(source)
    if (!found) throw new Error(`line ${line} cannot be read`)
    return found
  }
  const move = (text: string) => {
    at += text.length
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) line++
  }
  const startsExpression = () => {
    const last = tokens.at(-1)
    if (last === undefined) return true
    if (last.kind === 'word') return beforeExpression.has(last.text)
    if (last.text === '!')
      return !['word', 'string'].includes(tokens.at(-2)?.kind ?? 'mark') && !isClosing(tokens.at(-2))
    return last.kind === 'mark' && !isClosing(last)
  }
  // A template goes on after the brace that closes an inserted expression; each entry counts braces open inside one.
  const insertions: number[] = []
  const readTemplate = () => {
    const begin = line
    const [text] = match(templatePattern)
    move(text)
    tokens.push({ kind: 'template', text, line: begin })
    if (source[at] === '$') {
      insertions.push(0)
      at += 2
    } else at += 1
  }
  while (at < source.length) {
    const found = match(pattern)
    const [text] = found
    const groups = found.groups!
    if (groups.skip !== undefined) move(text)
    else if (text === '`') {
      at += 1
      readTemplate()
    } else if (text === '/' && startsExpression()) {
      const [regex] = match(regexPattern)
      tokens.push({ kind: 'regex', text: regex, line })
      move(regex)
    } else if (text === '}' && insertions.at(-1) === 0) {
      insertions.pop()
      at += 1
      readTemplate()
    } else {
      if (insertions.length > 0 && text === '{') insertions[insertions.length - 1]++
      if (insertions.length > 0 && text === '}') insertions[insertions.length - 1]--
      const kind = groups.word !== undefined ? 'word' : groups.number !== undefined ? 'number' : 'mark'
      if (groups.string === undefined) tokens.push({ kind, text, line })
      else tokens.push({ kind: 'string', text: text.slice(1, -1), line })
      move(text)
    }
  }
  return tokens
}

const nodeNames = new Set(['process', 'Buffer', '__dirname', '__filename', 'require', 'setImmediate'])

/**
 * What a source says of the world around it. Type imports count as imports; comments and strings say nothing.
 *
 * @example
 * readImports("import type { A } from './a.ts'").imports // [{ specifier: './a.ts', line: 1, kind: 'file' }]
 */
export function readImports(source: string): SourceFacts {
  const tokens = tokenize(source)
  const imports: Import[] = []
  const openImports: number[] = []
  const nodeGlobals: { name: string; line: number }[] = []
  const isMember = (i: number) => tokens[i - 1]?.text === '.' || tokens[i - 1]?.text === '?.'
  tokens.forEach((token, i) => {
    const [next, second] = [tokens[i + 1], tokens[i + 2]]
    const add = (found: Token, kind: Import['kind'] = 'file') =>
      imports.push({ specifier: found.text, line: found.line, kind })
    if (token.kind !== 'word') return
    if (token.text === 'import' && !isMember(i)) {
      if (next?.text === '(' && second?.kind === 'string') add(second)
      else if (next?.text === '(') openImports.push(token.line)
      else if (next?.kind === 'string') add(next)
    } else if (token.text === 'from' && next?.kind === 'string' && !isMember(i)) {
      add(next)
    } else if (token.text === 'URL' && next?.text === '(' && second?.kind === 'string') {
      const base = tokens.slice(i + 3, i + 9).map(({ text }) => text)
      if (base.join('').startsWith(',import.meta.url') && /\.[tj]s$/.test(second.text)) add(second, 'worker')
    } else if (nodeNames.has(token.text)) {
      const isGlobal = isMember(i) ? tokens[i - 2]?.text === 'globalThis' : !isKey(tokens, i)
      if (isGlobal) nodeGlobals.push({ name: token.text, line: token.line })
    }
  })
  return { imports, openImports, nodeGlobals }
}

/** True of `{ process: …`, `process?: …` and of a method that is called so: names of our own, not Node's. */
function isKey(tokens: readonly Token[], i: number): boolean {
  const [previous, next] = [tokens[i - 1], tokens[i + 1]]
  const opens = previous === undefined || '{,(;'.includes(previous.text) || previous.line < tokens[i].line
  if (next?.text === '?' && tokens[i + 2]?.text === ':') return true
  if (next?.text === '(') return tokens[i].text === 'process'
  return next?.text === ':' && (opens || previous.text === 'readonly')
}
