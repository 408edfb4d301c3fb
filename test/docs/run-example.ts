import { expect } from 'vitest'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { compile } from '../../src/compiler/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { AsyncFunction, type Example, promised, readStatements } from './read-examples.ts'

/** Rows of rows, as the shape says: numbers for `[]`, `[1, 2]` for `[2]`. */
function nested(values: ArrayLike<number>, [size, ...rest]: readonly number[]): unknown {
  if (size === undefined) return values[0]
  const flat = Array.from(values)
  const part = size === 0 ? 0 : flat.length / size
  return Array.from({ length: size }, (_, i) => nested(flat.slice(i * part, (i + 1) * part), rest))
}

/** A value as a comment would write it: tensors are computed on the reference backend, numeric arrays become lists. */
async function written(value: unknown): Promise<unknown> {
  if (value instanceof Tensor) {
    const program = compile({ outputs: { value } }, { backend: referenceBackend() })
    const values = nested((await program.run()).value, value.shape)
    program.release()
    return written(values)
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array)
  if (Array.isArray(value)) return Promise.all(value.map(written))
  return typeof value === 'number' ? value + 0 : value // −0 is written 0
}

/**
 * Runs a block; every expression whose comment is a value must have it, and no other may be false. Gives how many values
 * were compared.
 *
 * @param scope what the names of the block stand for
 */
export async function runExample({ file, line, code }: Example, scope: ReadonlyMap<string, unknown>): Promise<number> {
  let compared = 0
  const check = async (value: unknown, text: string, comment: string) => {
    const where = `${file}:${line}: ${text}`
    const promise = promised(comment)
    const got = await written(value)
    if (promise !== undefined) expect(got, where).toEqual(promise.value)
    else if (comment.includes('\n') && typeof got === 'string')
      expect(got.split('\n'), where).toEqual(comment.split('\n'))
    else {
      expect(got, where).not.toBe(false)
      return
    }
    compared++
  }
  const body = readStatements(code).map(({ code, isExpression, comment }) => {
    if (isExpression) return `await check(await (${code}\n), ${JSON.stringify(code)}, ${JSON.stringify(comment)})`
    if (promised(comment)) throw new SyntaxError(`${file}:${line}: a value is promised where there is none: ${code}`)
    return code
  })
  const names = [...scope.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(code))
  // The inner block lets an example declare a name that is exported somewhere.
  const run = new AsyncFunction('check', ...names, `{\n${body.join('\n')}\n}`)
  await run(check, ...names.map((name) => scope.get(name)))
  return compared
}
