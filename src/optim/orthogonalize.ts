import { add, divide, matmul, multiply, sqrt, sumSquares, type Tensor } from '../tensor/index.ts'

/**
 * Coefficients of x ← a·x + b·x³ + c·x⁵. They bring singular values from 0.01 to 1 into about [0.7, 1.2] in five steps; that
 * they do not converge to 1 is the price of growing small ones 3.4 times a step.
 */
const [A, B, C] = [3.4445, -4.775, 2.0315]

/**
 * A matrix with the same singular vectors and singular values near 1 (between about 0.7 and 1.2, those below a hundredth of
 * the norm less): five Newton–Schulz steps, products over the shorter side only.
 *
 * @param x `[R, C]`
 * @returns `[R, C]`
 * Cost: 5·(4·r²·c + 2·r³) FLOPs, r and c the shorter and the longer side.
 * Source: Jordan et al. 2024 ("Muon: An optimizer for hidden layers in neural networks").
 *
 * @example
 * orthogonalize(input('x', [2, 3])).shape // [2, 3]
 */
export function orthogonalize(x: Tensor): Tensor {
  const [rows, columns] = x.shape
  const tall = rows > columns
  let y = divide(x, add(sqrt(sumSquares(x)), 1e-7)) // the norm bounds the greatest singular value
  for (let step = 0; step < 5; step++) {
    const gram = matmul(y, y, tall ? { transposeA: true } : { transposeB: true }) // [r, r]
    const polynomial = add(multiply(gram, B), multiply(matmul(gram, gram), C)) // [r, r]
    y = add(multiply(y, A), tall ? matmul(y, polynomial) : matmul(polynomial, y))
  }
  return y
}
