// Many texts from one model at a time: each step of the model computes the next token of every one.
import { compile, createState } from 'alippe/compiler'
import { inferenceEngine } from 'alippe/infer'
import { llama } from 'alippe/models'
import { initialUpdates } from 'alippe/nn'
import { openBackend } from 'alippe/node'

const model = llama({ vocabSize: 256, layers: 2, width: 64, heads: 4, keyValueHeads: 2, context: 128 })
const backend = await openBackend()
const state = createState(backend)
await compile({ outputs: {}, updates: initialUpdates(model.weights, 1) }, { backend, state }).run()

const engine = inferenceEngine(model, state, { maxTexts: 8, cacheDType: 'int8' })
const prompt = [...Buffer.from('Once upon a time there was a model')]

// Eight samples share the pages of their prompt; a text depends on its seed, not on its neighbours.
const samples = engine.samples(prompt, 8, { maxTokens: 16, topP: 0.95, seed: 5 })
for await (const { id } of samples[0]) process.stdout.write(`${id} `)
const texts = await Promise.all(samples.map(async ({ result }) => (await result).ids))
const alone = await engine.submit(prompt, { maxTokens: 16, topP: 0.95, seed: 5 }).result
console.log('\nthe same alone:', alone.ids.join() === texts[0].join(), '· prompt known:', alone.figures.cachedTokens)

// The prefix cache remembers; log-probabilities and beams come from the same engine.
const { promptLogprobs } = await engine.submit(prompt, { maxTokens: 0, promptLogprobs: 0 }).result
const nats = promptLogprobs!.reduce((sum, token) => sum - (token?.logprob ?? 0), 0) / (prompt.length - 1)
console.log(`the prompt costs ${nats.toFixed(2)} nats a token`)
const [best] = await engine.beams(prompt, { beams: 4, maxTokens: 8 })
console.log('the likeliest:', best.ids.join(' '), `(${best.logprob.toFixed(2)})`)
console.log(engine.figures())
await engine.close()
await backend.close()
