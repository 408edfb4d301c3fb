// A model that follows a JSON Schema: here one that draws any allowed token, so what it writes is nonsense, and valid.
import { random } from 'alippe/base'
import { grammarConstraint, jsonSchemaGrammar } from 'alippe/grammar'
import { trainBpe } from 'alippe/tokenizers'

const tokenizer = trainBpe(['Айгүл lives in Алматы. Her name is Айгүл, her city is Алматы.'], {
  vocabSize: 320,
  specials: ['<|endoftext|>'],
})
const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', pattern: '^[А-ЯӘҒҚҢӨҰҮІ][а-яәғқңөұүі]{2,8}$' },
    city: { enum: ['Алматы', 'Астана'] },
    age: { type: 'integer', minimum: 0, maximum: 120 },
  },
  required: ['name', 'city', 'age'],
  additionalProperties: false,
}

const begin = grammarConstraint(jsonSchemaGrammar(schema, { layout: 'spaced' }), tokenizer)
const rng = random(1)
for (let n = 0; n < 3; n++) {
  const constraint = begin()
  const ids: number[] = []
  while (!constraint.mustEnd) {
    const mask = constraint.allowed()
    const allowed = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter(
      (id) => (mask[id >> 5] >>> (id & 31)) & 1,
    )
    const id = allowed[rng.integer(allowed.length)]
    constraint.accept(id)
    ids.push(id)
  }
  console.log(JSON.parse(tokenizer.decode(ids, { skipSpecials: true })))
}
