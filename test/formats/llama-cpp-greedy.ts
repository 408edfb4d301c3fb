/**
 * What llama.cpp makes of a GGUF file: the ids of texts, and the ids that follow the first of them when the likeliest is taken
 * each time. A process of its own, because it brings its own threads.
 *
 *     node llama-cpp-greedy.ts PACKAGE MODEL TOKENS TEXT…      one JSON document
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [packageFolder, modelPath, count, ...texts] = process.argv.slice(2)
const { getLlama } = await import(pathToFileURL(join(packageFolder, 'dist/index.js')).href)
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' })
const model = await llama.loadModel({ modelPath })
const ids: number[][] = texts.map((text) => [...model.tokenize(text, true)])
const texted: string[] = ids.map((list) => model.detokenize(list, true))
const context = await model.createContext({ contextSize: 64, threads: 1 })
const sequence = context.getSequence()
const following: number[] = []
for await (const id of sequence.evaluate(ids[0], { temperature: 0, yieldEogToken: true })) {
  following.push(id)
  if (following.length >= Number(count)) break
}
const { bos, eos, shouldPrependBosToken } = model.tokens
console.log(JSON.stringify({ ids, texts: texted, following, begin: bos, end: eos, addsBegin: shouldPrependBosToken }))
await llama.dispose()
process.exit(0)
