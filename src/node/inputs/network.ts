import { AlippeError, ConfigError } from '../../base/index.ts'
import type { Environment } from './cache-folder.ts'

/** Bytes that could not be had from another machine. The message says the address, what happened and what to do. */
export class NetworkError extends AlippeError {
  constructor(message: string, options?: ErrorOptions) {
    super('ALIPPE_NETWORK', message, options)
  }
}

/** How other machines are asked. */
export interface NetworkOptions {
  /** HF_ENDPOINT and HF_TOKEN, ALIPPE_CACHE and XDG_CACHE_HOME are read from here. Default: those of the process. */
  readonly environment?: Environment
  /** How many times in a row a request that failed in passing is repeated. Default 5. */
  readonly retries?: number
  /** A connection that gives less than 1 KiB in so many milliseconds is given up. Default 60,000. */
  readonly stallMs?: number
  /** Waits so many milliseconds between attempts, or until it is stopped. For tests. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
}

/**
 * Where datasets of the Hugging Face hub are found, without a slash at the end.
 *
 * @throws ConfigError when HF_ENDPOINT is no web address
 */
export function hubEndpoint({ environment = process.env }: NetworkOptions): string {
  const endpoint = environment.HF_ENDPOINT || 'https://huggingface.co'
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new ConfigError(`HF_ENDPOINT is ${clip(endpoint)}, which is no web address; set it to one, or unset it`)
  }
  return endpoint.replace(/\/$/, '')
}

/** The token goes to the hub itself, and to no place that it sends us to. */
export function authorizationFor(url: URL, options: NetworkOptions): string | undefined {
  const { environment = process.env } = options
  if (!environment.HF_TOKEN) return undefined
  return url.origin === new URL(hubEndpoint(options)).origin ? `Bearer ${environment.HF_TOKEN}` : undefined
}

/** Words of a server for a message: on one line, and not long. */
export function clip(words: string): string {
  return JSON.stringify(words.length > 200 ? `${words.slice(0, 200)}…` : words)
}
