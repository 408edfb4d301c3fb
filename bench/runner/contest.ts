import { createState } from '../../src/compiler/index.ts'
import { inferenceEngine, type Request } from '../../src/infer/index.ts'
import { type GgufFileType, loadWeights, openModelSource } from '../../src/node/index.ts'
import { openLlamaCpp } from '../peers/llama-cpp.ts'
import type { Context } from './contract.ts'
import { interleave, type Rounds, type Sampler } from './interleave.ts'
import { type InferenceModel, randomGguf } from './random-model.ts'

/** Tokens that a text of a contest may have. */
const CONTEXT = 640

/** One model file in our engine and in llama.cpp, on as many threads. */
export interface Contest extends AsyncDisposable {
  /** Of weights, which a step reads once. */
  readonly weightBytes: number
  /** 'llama.cpp' and its release; undefined where there is none. */
  readonly peer: string | undefined
  /** Tokens a second of some streams together, sampling included; `gaps` are given the milliseconds before each token. */
  ours(streams: number, tokens: number, gaps?: number[]): Promise<number>
  /** Tokens a second of llama.cpp, without sampling. */
  theirs(streams: number, tokens: number): Promise<number>
  /** Tokens a second of reading a prompt. */
  ourPrefill(tokens: number): Promise<number>
  theirPrefill(tokens: number): Promise<number>
}

/** Opens both; says so where llama.cpp is missing. */
export async function openContest(
  { backend, machine, skip, progress }: Context,
  name: InferenceModel,
  type: GgufFileType,
  streams = 1,
): Promise<Contest> {
  progress(`${name} ${type}`)
  const path = await randomGguf(name, type)
  const source = await openModelSource(path)
  const state = createState(backend)
  const stored = await loadWeights(source, state)
  source.close()
  const weightBytes = state.bytes
  const engine = inferenceEngine(source.model, state, {
    stored,
    cacheTokens: streams * CONTEXT,
    cacheDType: 'bf16', // llama.cpp's are f16
    precision: type === 'bf16' && machine.peak.bf16 > 0 ? 'bf16' : 'f32',
    prefixCache: false,
  })
  const llamaCpp = await openLlamaCpp(path, { threads: machine.threads, streams, context: CONTEXT })
  const peer = 'why' in llamaCpp ? undefined : llamaCpp
  if ('why' in llamaCpp) skip('llama.cpp', llamaCpp.why)

  return {
    weightBytes,
    peer: peer && `llama.cpp ${peer.version}`,
    async ours(count, tokens, gaps = []) {
      const options = { maxTokens: tokens + 1, temperature: 0 }
      const requests = Array.from({ length: count }, (_, i) => engine.submit([i + 1], options))
      await Promise.all(requests.map((request) => readGaps(request, gaps)))
      const results = await Promise.all(requests.map(({ result }) => result))
      return (count * tokens * 1000) / Math.max(...results.map(({ figures }) => figures.restMs))
    },
    theirs: async (count, tokens) => (peer ? (count * tokens) / (await peer.decode(count, tokens)) : Number.NaN),
    async ourPrefill(tokens) {
      const ids = Array.from({ length: tokens }, (_, i) => (i * 7) % source.model.vocabSize)
      const { figures } = await engine.submit(ids, { maxTokens: 1, temperature: 0 }).result
      return (tokens * 1000) / figures.firstTokenMs
    },
    theirPrefill: async (tokens) => (peer ? tokens / (await peer.prefill(tokens)) : Number.NaN),
    async [Symbol.asyncDispose]() {
      await peer?.close()
      await engine.close()
      state.release()
    },
  }
}

async function readGaps(request: Request, gaps: number[]): Promise<void> {
  let last: number | undefined
  for await (const _ of request) {
    const now = performance.now()
    if (last !== undefined) gaps.push(now - last)
    last = now
  }
}

/** Samples ours and llama.cpp, where it is, in turn. */
export async function sampleContest(
  { peer }: Contest,
  ours: Readonly<Record<string, Sampler>>,
  theirs: Sampler,
  rounds: Rounds,
): Promise<{ samples: Readonly<Record<string, number[]>>; peers: Readonly<Record<string, number[]>> }> {
  const samples = await interleave({ ...ours, ...(peer && { [peer]: theirs }) }, rounds)
  return { samples, peers: peer ? { [peer]: samples[peer] } : {} }
}
