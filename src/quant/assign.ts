import { type DType, isPacked, type PackedDType, packings } from '../base/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { stateWeights } from '../nn/index.ts'
import { input } from '../tensor/index.ts'
import { matricesOf } from './block.ts'
import { graphOf, weightName } from './products-of.ts'

/** How a weight is to be stored. */
export interface Assigned {
  readonly name: string
  readonly dtype: DType
  /** Whether the state holds the transpose of what the model means: packed rows are what products sum over. */
  readonly transposed: boolean
  /** K, for matrices: elements of a row. */
  readonly columns: number
  /** Whether it is multiplied within a block, so that methods can look at its inputs. */
  readonly isHidden: boolean
}

/** Types of four bits and fewer, where the output embedding gets more. */
const fewBits: ReadonlySet<DType> = new Set(['q4_0', 'q4_1', 'q2_k', 'q4_k', 'q5_k', 'nf4'])

/**
 * How each weight of a model is stored when its matrices are to be of `type`: what llama.cpp's plain types do. Embeddings,
 * whose errors are those of the scores, are q6_k where the type has 5 bits or fewer (int8 beside nf4). A matrix whose rows are not
 * whole blocks gets the next type with more bits that fits: q8_0 or int8, then f16. Vectors and learned positions stay f32.
 *
 * @param embeddings another type for the embeddings
 *
 * @example
 * assign(model, 'q8_0').find(({ name }) => name === 'model.norm.weight').dtype // 'f32'
 */
export function assign(model: LanguageModel, type: PackedDType, embeddings?: PackedDType): Assigned[] {
  const isGguf = type.startsWith('q')
  const readOut: PackedDType = embeddings ?? (!fewBits.has(type) ? type : isGguf ? 'q6_k' : 'int8')
  const fallback: DType[] = [isGguf ? 'q8_0' : 'int8', 'f16']
  const fits = (columns: number) => (dtype: DType) => !isPacked(dtype) || columns % packings[dtype].elements === 0
  const matrices = new Map(matricesOf(model).map((matrix) => [matrix.name, matrix]))
  const tables = gatheredBy(model)
  return Object.entries(model.weights).map(([name, { shape, role }]) => {
    const matrix = matrices.get(name)
    const isTable = tables.has(name)
    if (matrix === undefined && !isTable) {
      return { name, dtype: 'f32', transposed: false, columns: shape.at(-1)!, isHidden: false }
    }
    const { transposed = false, columns = shape.at(-1)! } = matrix ?? {}
    const isHidden = role === 'hidden' && !isTable
    const dtype = [isHidden ? type : readOut, ...fallback].find(fits(columns))!
    return { name, dtype, transposed, columns, isHidden }
  })
}

/** Tables from which a model takes rows by token. */
function gatheredBy(model: LanguageModel): Set<string> {
  const features = model.features(stateWeights(model.weights), input('ids', [1, 1], 'i32'))
  const names = graphOf([features]).nodes.flatMap(({ operation, inputs }) => {
    const name = operation.name === 'gather' ? weightName(inputs[0]) : undefined
    return name === undefined ? [] : [name]
  })
  return new Set(names)
}
