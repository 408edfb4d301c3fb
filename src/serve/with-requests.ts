import type { Request as TextRequest } from '../infer/index.ts'
import type { Call } from './call.ts'

/**
 * Answers with texts that have been begun: when the client goes, or something fails, all of them end.
 *
 * @param answer is given what ends them, for a response that goes on after it has begun
 */
export async function withRequests<T>(
  requests: readonly TextRequest[],
  { signal, metrics }: Call,
  answer: (end: () => void) => Promise<T>,
): Promise<T> {
  const end = () => {
    for (const request of requests) request.cancel()
  }
  for (const { result } of requests) {
    result.then(
      (ended) => metrics.written(ended),
      () => {}, // whoever reads the text hears of it
    )
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    return await answer(end)
  } catch (error) {
    end()
    throw error
  }
}
