import { type Kernel, read, write } from './view.ts'

/**
 * weight, m, v, gradient (one shape), control [learning rate, 1/(1−β1^t), 1/(1−β2^t), gradient scale] → weight, m, v.
 * Source: Loshchilov & Hutter 2019, algorithm 2, with the learning rate multiplying the decay.
 */
export const adamw: Kernel = ([weight, m, v, gradient, control], [newWeight, newM, newV], attributes) => {
  const [beta1, beta2, epsilon, weightDecay, factor] = attributes as number[]
  const [rate, correction1, correction2, gradientScale] = read(control)
  const [ws, ms, vs] = [read(weight), read(m), read(v)]
  read(gradient).forEach((raw, i) => {
    const g = raw * gradientScale
    ms[i] = beta1 * ms[i] + (1 - beta1) * g
    vs[i] = beta2 * vs[i] + (1 - beta2) * g * g
    const direction = (ms[i] * correction1) / (Math.sqrt(vs[i] * correction2) + epsilon)
    ws[i] -= rate * (factor * direction + weightDecay * ws[i])
  })
  write(newWeight, ws)
  write(newM, ms)
  write(newV, vs)
}
