/**
 * Milliseconds from a model's description to the plan of its training step, in a fresh process: nothing has been compiled
 * by V8 yet. Prints `{"milliseconds", "calls"}`.
 *
 *     node bench/children/plan-time.ts CONFIG BATCH TOKENS
 */
import { plan } from '../../src/compiler/index.ts'
import { type Gpt2Config, gpt2 } from '../../src/models/index.ts'
import { trainingStep } from '../../src/train/index.ts'
import { optimizer, recipe } from '../runner/models.ts'

const [config, batch, tokens] = process.argv.slice(2).map((word) => JSON.parse(word)) as [Gpt2Config, number, number]
const start = performance.now()
const { calls } = plan(trainingStep(gpt2(config), { batch, tokens, optimizer: optimizer(), clip: recipe.clip }))
console.log(JSON.stringify({ milliseconds: performance.now() - start, calls: calls.length }))
