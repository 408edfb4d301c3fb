import { openLlamaCpp } from './llama-cpp.ts'
import type { Missing } from './python.ts'

/** Tokens a second, the best of several runs. */
export interface LlamaCppSpeeds {
  readonly version: string
  readonly prefill: number
  /** Of all streams together, by how many there are. */
  readonly decode: ReadonlyMap<number, number>
}

export interface SpeedOptions {
  readonly threads: number
  /** Tokens of the text that is read; 512 when not given. */
  readonly prefill?: number
  /** How many texts are written at once, each new token in one step; 1, 2, 4, 8 and 16 when not given. */
  readonly streams?: readonly number[]
  /** Steps of a run; 32 when not given. */
  readonly steps?: number
  /** 5 when not given, after one that does not count. */
  readonly runs?: number
}

/** How fast llama.cpp reads and writes with a GGUF file, texts being empty at first. */
export async function llamaCppSpeeds(path: string, options: SpeedOptions): Promise<LlamaCppSpeeds | Missing> {
  const { threads, prefill = 512, streams = [1, 2, 4, 8, 16], steps = 32, runs = 5 } = options
  const context = Math.max(prefill, steps + 1)
  const peer = await openLlamaCpp(path, { threads, context, streams: Math.max(...streams) })
  if ('why' in peer) return peer
  const best = async (run: () => Promise<number>) => {
    await run()
    let seconds = Infinity
    for (let i = 0; i < runs; i++) seconds = Math.min(seconds, await run())
    return seconds
  }
  try {
    const decode = new Map<number, number>()
    for (const count of streams) decode.set(count, (count * steps) / (await best(() => peer.decode(count, steps))))
    return { version: peer.version, prefill: prefill / (await best(() => peer.prefill(prefill))), decode }
  } finally {
    await peer.close()
  }
}
