import type { z } from 'zod'
import { concatenated } from '../base/index.ts'
import { ApiError } from './api-error.ts'

/** The parsed body of a request. @throws ApiError that says which field is wrong, and how */
export async function readBody<T extends z.ZodType>(request: Request, schema: T, most: number): Promise<z.output<T>> {
  const text = await readText(request, most)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new ApiError(400, `the body is not JSON: ${error instanceof Error ? error.message : error}`)
  }
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const param = issue.path.join('.')
  throw new ApiError(400, param === '' ? issue.message : `${param}: ${issue.message}`, param === '' ? {} : { param })
}

/** The body as text, of at most `most` bytes; what is longer is not read to its end. */
async function readText(request: Request, most: number): Promise<string> {
  const tooLarge = () => new ApiError(413, `the body has more than ${most} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge()
  if (request.body === null) throw new ApiError(400, 'the body is empty, expected JSON')
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body) {
    bytes += chunk.length
    if (bytes > most) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(concatenated(Uint8Array, chunks))
  } catch {
    throw new ApiError(400, 'the body is not UTF-8')
  }
}
