import { type Kernel, write } from './view.ts'

/** Every element of y is `value`. */
export const fill: Kernel = (_, [y], [value]) => {
  write(y, new Float64Array(y.elements.length).fill(value as number))
}
