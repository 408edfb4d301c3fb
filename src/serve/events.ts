import { apiErrorOf, errorBody } from './api-error.ts'

const encoder = new TextEncoder()

/**
 * A response of server-sent events: each value as JSON, then `[DONE]`. The first is awaited before the response begins, so that
 * what is wrong from the start has its own status; what fails later is the last event.
 *
 * @param end called when no more is wanted: whoever reads has gone, or something failed
 */
export async function eventStream(values: AsyncGenerator<object>, end: () => void): Promise<Response> {
  let next: IteratorResult<object>
  try {
    next = await values.next()
  } catch (error) {
    end()
    throw error
  }
  const line = (text: string) => encoder.encode(`data: ${text}\n\n`)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (next.done) {
          controller.enqueue(line('[DONE]'))
          controller.close()
          return
        }
        controller.enqueue(line(JSON.stringify(next.value)))
        next = await values.next()
      } catch (error) {
        end()
        controller.enqueue(line(JSON.stringify(errorBody(apiErrorOf(error)))))
        controller.close()
      }
    },
    async cancel() {
      end()
      await values.return(undefined)
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    },
  })
}
