import { z } from 'zod'

/** A text as token ids. */
export const idsField = z.array(z.int().min(0)).min(1)

/** Texts of a request, each as it is or as ids: one, or several. */
export function textList(given: string | readonly number[] | readonly string[] | readonly (readonly number[])[]) {
  const isOne = typeof given === 'string' || typeof given[0] === 'number'
  return (isOne ? [given] : given) as readonly (string | readonly number[])[]
}
