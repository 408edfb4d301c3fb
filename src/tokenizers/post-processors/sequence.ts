import type { PostProcessor } from '../stages.ts'

/**
 * Post-processors one after the other.
 *
 * @example
 * const both = postProcessorSequence([byteLevelProcessor(), bertProcessor({ sep: ['[SEP]', 2], cls: ['[CLS]', 1] })])
 * both.addedTokens(false) // 2
 */
export function postProcessorSequence(processors: readonly PostProcessor[]): PostProcessor {
  return {
    json: { type: 'Sequence', processors: processors.map(({ json }) => json) },
    addedTokens: (pair) => processors.reduce((sum, processor) => sum + processor.addedTokens(pair), 0),
    process: (encodings, addSpecials) =>
      processors.reduce((all, processor) => processor.process(all, addSpecials), [...encodings]),
  }
}
