import type { Tensor } from '../tensor/index.ts'
import { type Graph, keyOf, viewed, weightName, weightProduct } from './products-of.ts'

/** Elements of a weight that give one channel each: `start`, `start + 1`, … along an axis. */
export interface ChannelsOf {
  readonly name: string
  readonly axis: number
  readonly start: number
}

/**
 * The weights by which the channels of x can be scaled without changing anything else: gain and bias of the norm that x
 * comes from; the rows of the linear layer before, where between it and x there are only products with other values (a
 * gated MLP) or attention that mixes tokens but no channels. Undefined where there are none, as after a GELU.
 *
 * @param others nodes that may read x beside its products do not exist, or nothing is foldable
 * Source: Lin et al. 2023, §3.2; the same places as its appendix.
 */
export function channelSource(graph: Graph, x: Tensor): ChannelsOf[] | undefined {
  const isReadByProductsOnly = graph.readersOf(x).every((node) => {
    const product = weightProduct(node)
    return product !== undefined && keyOf(product.x) === keyOf(x)
  })
  return isReadByProductsOnly ? follow(graph, x) : undefined
}

function follow(graph: Graph, shown: Tensor): ChannelsOf[] | undefined {
  const x = viewed(shown)
  const { operation, inputs, attributes } = x.node
  // What one reader sees scaled, no other may see.
  const goOn = (next: Tensor) => (graph.readersOf(next).length === 1 ? follow(graph, next) : undefined)
  switch (operation.name) {
    case 'layer-norm':
    case 'rms-norm': {
      const names = inputs.slice(1).flatMap((each) => (each === null ? [] : [weightName(each)]))
      return names.every((name) => name !== undefined) ? names.map((name) => ({ name, axis: 0, start: 0 })) : undefined
    }
    case 'matmul': {
      const product = weightProduct(x.node)
      return product && [{ name: product.name, axis: product.transposed ? 1 : 0, start: 0 }]
    }
    case 'add': {
      const bias = weightName(inputs[1])
      const rest = bias === undefined || inputs[1]!.rank !== 1 ? undefined : goOn(inputs[0]!)
      return rest && [...rest, { name: bias!, axis: 0, start: 0 }]
    }
    case 'slice': {
      // Parts of one value do not overlap, so the others see nothing of it.
      const [from] = inputs
      if (attributes.axis !== from!.rank - 1 || !graph.readersOf(from!).every(isSlice)) return undefined
      return follow(graph, from!)?.map((each) => ({ ...each, start: each.start + (attributes.start as number) }))
    }
    case 'multiply':
      return goOn(inputs[1]!) ?? goOn(inputs[0]!)
    case 'attention': {
      const [q, , v] = inputs
      // Heads that share values would need one factor for several channels.
      return x.index === 0 && q!.shape[2] === v!.shape[2] ? goOn(v!) : undefined
    }
    default:
      return undefined
  }
}

const isSlice = ({ operation }: Tensor['node']) => operation.name === 'slice'

/**
 * Divides the elements of weights that give channels by one factor each.
 *
 * @param values of the weight in its own shape; changed
 */
export function divideChannels(
  values: Float32Array,
  shape: readonly number[],
  { axis, start }: ChannelsOf,
  factors: ArrayLike<number>,
): void {
  const inner = axis === shape.length - 1 ? 1 : shape[1]
  const outer = axis === 0 ? 1 : shape[0]
  for (let o = 0; o < outer; o++) {
    for (let channel = 0; channel < factors.length; channel++) {
      const at = (o * shape[axis] + start + channel) * inner
      for (let i = 0; i < inner; i++) values[at + i] /= factors[channel]
    }
  }
}
