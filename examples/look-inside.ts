// Any value of a model can be looked at by its name, and replaced.
import { compile, createState } from 'alippe/compiler'
import { llama, logits } from 'alippe/models'
import { initialUpdates, stateWeights } from 'alippe/nn'
import { openBackend } from 'alippe/node'
import { input, traced, zeros } from 'alippe/tensor'

const model = llama({ vocabSize: 300, layers: 2, width: 64, heads: 4, context: 8 })
const backend = await openBackend()
const state = createState(backend)
await compile({ outputs: {}, updates: initialUpdates(model.weights, 1) }, { backend, state }).run()

const write = () => logits(model, stateWeights(model.weights), input('ids', [1, 8], 'i32'))
const looked = traced(write, { taps: ['blocks.*.attention.weights', 'blocks.1.residual'] })
const ablated = traced(write, { replace: { 'blocks.1.attention.output': zeros([1, 8, 4, 16]) } })

const outputs = { ...looked.taps, logits: looked.result, ablated: ablated.result }
const values = await compile({ outputs }, { backend, state }).run({ ids: [72, 101, 108, 108, 111, 33, 33, 10] })

const weights = values['blocks.0.attention.weights'] // [B, H, T, S]
for (let t = 0; t < 8; t++) {
  console.log(Array.from(weights.subarray(t * 8, t * 8 + 8), (p) => p.toFixed(2)).join(' '))
}
const change = Math.max(...values.logits.map((score, i) => Math.abs(score - values.ablated[i])))
console.log(`without the attention of block 1, logits move by up to ${change.toFixed(4)}`)
await backend.close()
