import type { RequestResult } from '../infer/index.ts'

/** Tokens of a request, in the API's words: a prompt that several texts share counts once. */
export function usageOf(prompts: readonly (readonly RequestResult[])[]) {
  let [prompt, cached, completion] = [0, 0, 0]
  for (const [first, ...others] of prompts) {
    prompt += first.figures.promptTokens
    cached += first.figures.cachedTokens
    for (const { ids } of [first, ...others]) completion += ids.length
  }
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  }
}
