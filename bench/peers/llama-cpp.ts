import { type Missing, openPython } from './python.ts'

/** What a GGUF file holds, in llama.cpp's words. */
export interface LlamaCppModel {
  readonly description: string
  readonly parameters: number
  readonly bytes: number
  readonly vocabSize: number
  readonly trainedContext: number
  readonly beginId: number
  readonly endId: number
  /** Whether llama.cpp would put the begin of text in front of a text. */
  readonly addsBegin: boolean
}

export interface LlamaCppOptions {
  readonly threads: number
  /** Texts that can be decoded together; 1 when not given. */
  readonly streams?: number
  /** The most tokens of each; 512 when not given. */
  readonly context?: number
  /** Keys and values in f32 all the way; false, as llama.cpp does by itself, when not given: then they are f16. */
  readonly exact?: boolean
}

/** llama.cpp with a model in a process of its own. Ids must be below the size of its vocabulary. */
export interface LlamaCpp {
  /** The release, as llama.cpp names it. */
  readonly version: string
  readonly model: LlamaCppModel
  /** Seconds for a text of so many tokens up to the logits of its last one. */
  prefill(tokens: number): Promise<number>
  /** Seconds for `steps` steps, each of which gives every stream its next logits, after `prompt` tokens (1) in each. */
  decode(streams: number, steps: number, prompt?: number): Promise<number>
  /** `[T, V]`: the logits of each token of a text. */
  logits(ids: readonly number[]): Promise<Float32Array>
  /** The likeliest ids that follow, each after those before. */
  greedy(ids: readonly number[], count: number): Promise<number[]>
  /** The ids of a text alone, with nothing put around it; names of special tokens are these. */
  tokenize(text: string): Promise<number[]>
  detokenize(ids: readonly number[]): Promise<string>
  close(): Promise<void>
}

/**
 * Starts llama.cpp on a GGUF file. Its speeds hold no sampling and no conversion of ids: they are those of its own
 * `llama_decode`, as its llama-bench measures them.
 *
 * @returns why not, where the library or a Python is missing
 * @throws AlippeError when llama.cpp refuses the file, with what it says of it
 */
export async function openLlamaCpp(path: string, options: LlamaCppOptions): Promise<LlamaCpp | Missing> {
  const { threads, streams = 1, context = 512, exact = false } = options
  const peer = await openPython('llama_cpp.py', threads)
  if ('why' in peer) return peer
  const ask = <T>(op: string, words: object) => peer.request<T>({ op, ...words })
  try {
    const model = await ask<LlamaCppModel>('open', { path, streams, context, exact })
    return {
      version: peer.version,
      model,
      prefill: (tokens) => ask('prefill', { tokens }),
      decode: (count, steps, prompt = 1) => ask('decode', { streams: count, steps, prompt }),
      async logits(ids) {
        const bytes = Buffer.from(await ask<string>('logits', { ids }), 'base64')
        return new Float32Array(new Uint8Array(bytes).buffer)
      },
      greedy: (ids, count) => ask('greedy', { ids, count }),
      tokenize: (text) => ask('tokenize', { text }),
      detokenize: (ids) => ask('detokenize', { ids }),
      close: () => peer.close(),
    }
  } catch (error) {
    await peer.close()
    throw error
  }
}

/** Why llama.cpp cannot be had here; undefined when it can. */
export async function whyNoLlamaCpp(): Promise<string | undefined> {
  const peer = await openPython('llama_cpp.py', 1)
  if ('why' in peer) return peer.why
  await peer.close()
  return undefined
}
