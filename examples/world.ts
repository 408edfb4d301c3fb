// A corpus with ground truth: how little a perfect model would have to pay for it is known exactly, and whether it answers.
import { conversationOf, world } from 'alippe/data'

const invented = world({ seed: 7, genres: { short: 4, tales: 1, instructions: 2 }, heldOut: { facts: 0.05 } })
const { documents, entropyNatsPerDocument, expectedBytesPerDocument, questions, isRight } = invented

for (const { text, surprisalNats } of documents().take(4)) {
  console.log(text.trim(), `[${surprisalNats.toFixed(2)} nats]`)
}
const bits = entropyNatsPerDocument / Math.LN2 / expectedBytesPerDocument
console.log(`entropy: ${entropyNatsPerDocument.toFixed(3)} nats a document, ${bits.toFixed(4)} bits a byte`)

const [{ question, answer }] = questions({ language: 'kk' })
console.log(question, answer, isRight(question, answer))

// What to train on, and what to judge by: nothing of the second is in the first.
const [conversation] = invented.conversations().take(1)
console.log(conversationOf(conversation.document)?.messages)
for (const { prompt, answer } of invented.evaluation('multiple-choice', { heldOut: true, count: 2 }))
  console.log(prompt, answer)
for (const { chosen, rejected, meta } of invented.preferences({ count: 3 }))
  console.log(meta.defect, { chosen, rejected })
