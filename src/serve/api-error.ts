import { AlippeError, ConfigError, DataError } from '../base/index.ts'

/** The kinds of errors that clients of the API tell apart. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'rate_limit_error'
  | 'unavailable_error'
  | 'server_error'

/** Why a request is refused, in the API's words: an HTTP status, and what clients read. */
export class ApiError extends Error {
  readonly status: number
  readonly type: ErrorType
  /** The field that is wrong. */
  readonly param: string | null
  readonly code: string | null
  /** Seconds after which it is worth another try. */
  readonly retryAfter: number | undefined

  constructor(
    status: number,
    message: string,
    details: { type?: ErrorType; param?: string; code?: string; retryAfter?: number } = {},
  ) {
    super(message)
    this.status = status
    this.type = details.type ?? (status < 500 ? 'invalid_request_error' : 'server_error')
    this.param = details.param ?? null
    this.code = details.code ?? null
    this.retryAfter = details.retryAfter
  }
}

/** What a client is told of an error: its own faults in full, ours without what they would show of the machine. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof ConfigError || error instanceof DataError) return new ApiError(400, error.message)
  const code = error instanceof AlippeError ? error.code : undefined
  return new ApiError(500, 'the server failed; its log says why', { code })
}

export const errorBody = ({ message, type, param, code }: ApiError) => ({ error: { message, type, param, code } })

export function errorResponse(error: ApiError): Response {
  const headers: Record<string, string> = {}
  if (error.retryAfter !== undefined) headers['retry-after'] = String(error.retryAfter)
  return Response.json(errorBody(error), { status: error.status, headers })
}
