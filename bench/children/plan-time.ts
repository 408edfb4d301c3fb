/**
 * Milliseconds from a model's description to the plan of its training step, in a fresh process that is started as
 * bin/alippe.js starts one: V8 may read what an earlier process compiled, nothing has been optimised yet. Prints
 * `{"milliseconds", "calls"}`.
 *
 *     node bench/children/plan-time.ts CONFIG BATCH TOKENS
 */
import { enableCompileCache } from 'node:module'
import type { Gpt2Config } from '../../src/models/index.ts'

enableCompileCache()
const { plan } = await import('../../src/compiler/index.ts')
const { gpt2 } = await import('../../src/models/index.ts')
const { trainingStep } = await import('../../src/train/index.ts')
const { optimizer, recipe } = await import('../runner/models.ts')

const [config, batch, tokens] = process.argv.slice(2).map((word) => JSON.parse(word)) as [Gpt2Config, number, number]
const start = performance.now()
const { calls } = plan(trainingStep(gpt2(config), { batch, tokens, optimizer: optimizer(), clip: recipe.clip }))
console.log(JSON.stringify({ milliseconds: performance.now() - start, calls: calls.length }))
