// Tensors say what to compute; a compiled program computes it, gradients too.
import { referenceBackend } from 'alippe/backend/reference'
import { compile, explain } from 'alippe/compiler'
import { constant, gelu, gradients, input, matmul, mean, square, subtract } from 'alippe/tensor'

const x = input('x', [2, 3])
const w = input('w', [3, 2])
const target = constant([1, 0, 0, 1], [2, 2])
const loss = mean(square(subtract(gelu(matmul(x, w)), target)))
const [slope] = gradients(loss, [w])

const program = compile({ outputs: { loss, slope } }, { backend: referenceBackend() })
console.log(explain(program.plan)) // every kernel call, its memory and its work, before anything runs

const weights = Float32Array.of(0.1, -0.2, 0.3, 0.1, -0.1, 0.2)
for (let step = 1; step <= 200; step++) {
  const outputs = await program.run({ x: [1, 2, 3, 3, 1, 0], w: weights })
  for (let i = 0; i < weights.length; i++) weights[i] -= 0.1 * outputs.slope[i]
  if (step === 1 || step === 200) console.log(`step ${step}: loss ${outputs.loss[0].toFixed(4)}`)
}
