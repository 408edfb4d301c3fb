import { DataError } from '../base/index.ts'
import type { Batch } from '../data/index.ts'

/**
 * What a program of {@link BatchShape} reads of a batch: `ids`, `targets` and, when it was made for packed rows,
 * `documents`; rows of a batch without them are one document each.
 *
 * @throws DataError when a batch has documents and the program does not read them, or they are not numbered as
 * {@link Batch} says
 */
export function batchInputs(batch: Batch, packed: boolean): Record<string, Int32Array> {
  const { inputs: ids, targets, documents } = batch
  if (documents !== undefined) checkDocuments(documents, batch, packed)
  return packed ? { ids, targets, documents: documents ?? new Int32Array(ids.length) } : { ids, targets }
}

/** How many targets of a batch count. */
export function countTargets({ targets }: Batch): number {
  return targets.reduce((count, target) => (target < 0 ? count : count + 1), 0)
}

function checkDocuments(documents: Int32Array, { inputs, tokens }: Batch, packed: boolean): void {
  if (!packed) {
    throw new DataError(
      'train: a batch says which document each token belongs to, but the run was made for rows of one text; ' +
        'give a source with packed: true',
    )
  }
  if (documents.length !== inputs.length) {
    throw new DataError(`train: a batch has ${inputs.length} tokens, but documents of ${documents.length}`)
  }
  for (let i = 0; i < documents.length; i++) {
    const first = i % tokens === 0
    const step = documents[i] - (first ? 0 : documents[i - 1])
    if (step === 0 || (step === 1 && !first)) continue
    throw new DataError(
      `train: documents of row ${Math.floor(i / tokens)} must begin with 0 and go on with the same or one more, ` +
        `got ${first ? '' : `${documents[i - 1]}, `}${documents[i]} at token ${i % tokens}`,
    )
  }
}
