import { AlippeError, ConfigError, DataError } from '../base/index.ts'

/** The kinds of errors that clients of the API tell apart. */
export type ErrorType = 'invalid_request_error' | 'authentication_error' | 'server_error'

/** Why a request is refused, in the API's words: an HTTP status, and what clients read. */
export class ApiError extends Error {
  readonly status: number
  readonly type: ErrorType
  /** The field that is wrong. */
  readonly param: string | null
  readonly code: string | null

  constructor(status: number, message: string, details: { type?: ErrorType; param?: string; code?: string } = {}) {
    super(message)
    this.status = status
    this.type = details.type ?? (status < 500 ? 'invalid_request_error' : 'server_error')
    this.param = details.param ?? null
    this.code = details.code ?? null
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

export const errorResponse = (error: ApiError): Response => Response.json(errorBody(error), { status: error.status })
