import { add, matmul, type Tensor } from '../tensor/index.ts'

/**
 * A linear layer: x·wᵀ + bias.
 *
 * @param x `[…, I]`
 * @param w `[O, I]`, as in PyTorch's Linear
 * @param bias `[O]`
 * @returns `[…, O]`
 */
export function linear(x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  const y = matmul(x, w, { transposeB: true })
  return bias === undefined ? y : add(y, bias)
}

/**
 * A linear layer whose weight is stored the other way round: x·w + bias.
 *
 * @param x `[…, I]`
 * @param w `[I, O]`, as in GPT-2's Conv1D
 * @param bias `[O]`
 * @returns `[…, O]`
 */
export function conv1d(x: Tensor, w: Tensor, bias: Tensor): Tensor {
  return add(matmul(x, w), bias)
}
