import { type Shape, sizeOf } from '../base/index.ts'
import { refuse } from './json.ts'

/** A part of a file in which tensors follow each other without names: `[layers, …]` where it holds one for each layer. */
export interface FlatSection {
  readonly name: string
  readonly shape: Shape
  /** From the beginning of the file. */
  readonly offset: number
}

/**
 * Sections laid one after another.
 *
 * @throws FormatError when they end behind the file, or `isWhole` and something follows them
 */
export function layOut(
  sections: readonly (readonly [name: string, shape: Shape])[],
  place: { readonly start: number; readonly elementBytes: number; readonly fileBytes: number; readonly file: string },
): FlatSection[] {
  let end = place.start
  const placed = sections.map(([name, shape]) => {
    const offset = end
    end += sizeOf(shape) * place.elementBytes
    return { name, shape, offset }
  })
  if (!(end <= place.fileBytes)) {
    refuse(place.file, 'data', `truncated: the tensors end at byte ${end}, the file at ${place.fileBytes}`)
  }
  if (end < place.fileBytes) {
    refuse(place.file, 'data', `${place.fileBytes - end} bytes follow the last tensor, which ends at ${end}`)
  }
  return placed
}

/** Refuses sizes that no model has: each must be from 1 to its largest. */
export function checkSizes(
  sizes: Readonly<Record<string, number>>,
  most: Readonly<Record<string, number>>,
  file: string,
): void {
  for (const [name, value] of Object.entries(sizes)) {
    const limit = most[name] ?? 1 << 26
    if (value < 1 || value > limit) refuse(file, 'header', `${name} is ${value}, expected 1 to ${limit}`)
  }
}
