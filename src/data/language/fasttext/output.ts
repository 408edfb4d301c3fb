import type { Loss } from './arguments.ts'
import type { Label } from './dictionary.ts'
import type { Matrix } from './matrix.ts'

/** Probabilities of labels, given the mean of the features: written to `[labels]`. */
export type Output = (hidden: Float32Array, probabilities: Float64Array) => void

/** What fastText adds before every logarithm; its probabilities carry it, so ours do. */
const epsilon = 1e-5

export function outputOf(loss: Loss, matrix: Matrix, labels: readonly Label[]): Output {
  if (loss === 'softmax') return softmax(matrix)
  return loss === 'hierarchical softmax' ? hierarchical(matrix, labels) : oneByOne(matrix)
}

const softmax =
  (matrix: Matrix): Output =>
  (hidden, probabilities) => {
    let most = -Infinity
    for (let i = 0; i < probabilities.length; i++) {
      probabilities[i] = matrix.dotRow(i, hidden)
      if (probabilities[i] > most) most = probabilities[i]
    }
    let sum = 0
    for (let i = 0; i < probabilities.length; i++) sum += probabilities[i] = Math.exp(probabilities[i] - most)
    for (let i = 0; i < probabilities.length; i++) probabilities[i] = probabilities[i] / sum + epsilon
  }

/** Each label alone. fastText takes the sigmoid from a table of 512 steps between −8 and 8. */
const oneByOne =
  (matrix: Matrix): Output =>
  (hidden, probabilities) => {
    for (let i = 0; i < probabilities.length; i++) {
      const x = matrix.dotRow(i, hidden)
      const step = Math.floor((x + 8) * 32) / 32 - 8
      probabilities[i] = (x < -8 ? 0 : x > 8 ? 1 : 1 / (1 + Math.exp(-step))) + epsilon
    }
  }

/** Labels are leaves of a Huffman tree of their counts; each inner node decides between left and right. */
function hierarchical(matrix: Matrix, labels: readonly Label[]): Output {
  const count = labels.length
  const nodes = 2 * count - 1
  const counts = new Float64Array(nodes).fill(1e15)
  const left = new Int32Array(nodes)
  const right = new Int32Array(nodes)
  for (const [i, label] of labels.entries()) counts[i] = label.count
  let leaf = count - 1
  let inner = count
  const least = () => (leaf >= 0 && counts[leaf] < counts[inner] ? leaf-- : inner++)
  for (let node = count; node < nodes; node++) {
    left[node] = least()
    right[node] = least()
    counts[node] = counts[left[node]] + counts[right[node]]
  }
  const shares = new Float64Array(nodes)
  return (hidden, probabilities) => {
    shares[nodes - 1] = 1
    // Children have smaller numbers than their parents.
    for (let node = nodes - 1; node >= count; node--) {
      const share = 1 / (1 + Math.exp(-matrix.dotRow(node - count, hidden)))
      shares[left[node]] = shares[node] * (1 - share + epsilon)
      shares[right[node]] = shares[node] * (share + epsilon)
    }
    probabilities.set(shares.subarray(0, count))
  }
}
