// Trains a small model on the documents of this repository and lets it write.
import { batches } from 'alippe/data'
import { generator } from 'alippe/infer'
import { llama } from 'alippe/models'
import { openBackend } from 'alippe/node'
import { readText } from 'alippe/node/prepare'
import { adamw, cosine } from 'alippe/optim'
import { trainBpe } from 'alippe/tokenizers'
import { train } from 'alippe/train'

const steps = Number(process.argv[2] ?? 300)
const text = await readText('docs') // any files and folders of text
const tokenizer = trainBpe(text, { vocabSize: 1024 })
const model = llama({ vocabSize: tokenizer.vocabSize, layers: 4, width: 128, heads: 4, keyValueHeads: 2, context: 128 })
const data = batches(tokenizer.encode(text), { batch: 16, tokens: 128, seed: 1 })

const backend = await openBackend()
const run = await train(model, data, { backend, steps, optimizer: adamw({ learningRate: cosine(3e-3) }) })
for await (const { step, lossNats, tokensPerSecond } of run) {
  if (step === 1 || step % 50 === 0) console.log(step, lossNats.toFixed(3), `${tokensPerSecond.toFixed(0)} tokens/s`)
}

const decoder = tokenizer.stream()
const prompt = tokenizer.encode('The compiler ')
for await (const id of generator(model, run.state).generate(prompt, { maxTokens: 60 })) {
  process.stdout.write(decoder.push(id))
}
console.log()
await backend.close()
