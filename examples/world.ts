// A corpus with ground truth: how little a perfect model would have to pay for it is known exactly.
import { world } from 'alippe/data'

const { documents, entropyNatsPerDocument, expectedBytesPerDocument, questions, isRight } = world({ seed: 7 })

let count = 0
for (const { text, surprisalNats } of documents()) {
  console.log(text.trim(), `[${surprisalNats.toFixed(2)} nats]`)
  if (++count === 4) break
}
const bits = entropyNatsPerDocument / Math.LN2 / expectedBytesPerDocument
console.log(`entropy: ${entropyNatsPerDocument.toFixed(3)} nats a document, ${bits.toFixed(4)} bits a byte`)

const [{ question, answer }] = questions({ language: 'kk' })
console.log(question, answer, isRight(question, answer))
