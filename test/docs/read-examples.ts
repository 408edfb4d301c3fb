// Finds the `@example` blocks of docstrings, and cuts them into statements with what their comments promise.

/** One block, and the name of what it documents. */
export interface Example {
  readonly file: string
  readonly line: number
  readonly name: string
  readonly code: string
}

/** A statement; `comment` is the one at its end, or the lines of comments below it. */
export interface Statement {
  readonly code: string
  readonly isExpression: boolean
  readonly comment: string
}

/** Compiles as a function body that may await; nothing is run. */
export const AsyncFunction = (async () => {}).constructor as new (
  ...parametersAndBody: string[]
) => (...values: unknown[]) => Promise<unknown>

const declared = /^\s*export (?:async )?(?:function\*? |const |class |interface |type )(\w+)/

/** The blocks of one file, in order. A block ends at the next tag or with its docstring. */
export function readExamples(file: string, source: string): Example[] {
  return [...source.matchAll(/\/\*\*((?:[^*]|\*(?!\/))*)\*\//g)].flatMap((docstring) => {
    const name = declared.exec(source.slice(docstring.index + docstring[0].length))?.[1] ?? ''
    const text = docstring[1].replace(/^[ \t]*\* ?/gm, '')
    return [...text.matchAll(/@example\b(.*?)(?=^@\w|@example\b|$(?![\s\S]))/gms)].map(({ 1: code, index }) => ({
      file,
      line: source.slice(0, docstring.index).split('\n').length + text.slice(0, index).split('\n').length - 1,
      name,
      code: code.trim(),
    }))
  })
}

/** Code up to a `//` outside of strings, and what comes after it. */
function cutComment(line: string): [code: string, comment: string] {
  const code = /^(?:[^'"`/]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|\/(?!\/))*/.exec(line)![0]
  return [code.trimEnd(), line.slice(code.length).replace(/^\/\/ ?/, '')]
}

function compiles(body: string): boolean {
  try {
    new AsyncFunction(body)
    return true
  } catch {
    return false
  }
}

/**
 * Cuts a block into statements: lines are taken together until they compile.
 *
 * @throws SyntaxError when the end of the block does not compile, or a line would mean something else after the one before
 */
export function readStatements(block: string): Statement[] {
  const statements: Statement[] = []
  let waiting = ''
  for (const line of block.split('\n')) {
    const [code, comment] = cutComment(line)
    const last = statements.at(-1)
    if (code.trim() === '' && comment !== '' && last !== undefined && waiting === '') {
      statements[statements.length - 1] = { ...last, comment: last.comment ? `${last.comment}\n${comment}` : comment }
      continue
    }
    if (waiting === '' && last !== undefined && /^\s*[([`]/.test(code)) {
      throw new SyntaxError(`without semicolons this line goes on with the one before it: ${code}`)
    }
    waiting += waiting === '' ? code : `\n${code}`
    const isExpression = compiles(`return (${waiting}\n)`)
    if (waiting.trim() === '' || !(isExpression || compiles(waiting))) continue
    statements.push({ code: waiting, isExpression, comment })
    waiting = ''
  }
  if (waiting.trim() !== '') throw new SyntaxError(`an example ends in mid-statement: ${waiting}`)
  return statements
}

/**
 * What a comment promises: the literal that it is, or that stands before its first `; ` or ` – `; undefined for words.
 *
 * @throws SyntaxError when it begins as a literal does and is none
 */
export function promised(comment: string): { readonly value: unknown } | undefined {
  if (!/^(['"`[{\d]|-[\d.]|(true|false|null|undefined|Infinity|NaN)\b)/.test(comment)) return undefined
  const ends = [...comment.matchAll(/; | – /g)].map(({ index }) => index)
  for (const end of [comment.length, ...ends.reverse()]) {
    try {
      return { value: new Function(`'use strict'; return (${comment.slice(0, end)}\n)`)() }
    } catch {}
  }
  throw new SyntaxError(`"// ${comment}" begins as a value and is none; put "; " or " – " after the value`)
}
