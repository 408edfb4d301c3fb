import type { Decoder, DecoderRun } from '../stages.ts'

/**
 * Decoders one after the other.
 *
 * @example
 * const llama = decoderSequence([byteFallbackDecoder(), fuseDecoder(), metaspaceDecoder()])
 * decodedText(llama, ['▁h', '<0x69>']) // 'hi'
 */
export function decoderSequence(decoders: readonly Decoder[]): Decoder {
  return {
    json: { type: 'Sequence', decoders: decoders.map(({ json }) => json) },
    begin(emit) {
      const runs: DecoderRun[] = []
      for (const decoder of decoders.toReversed()) runs.unshift(decoder.begin(runs[0]?.push ?? emit))
      return {
        push: runs[0]?.push ?? emit,
        end() {
          for (const run of runs) run.end()
        },
      }
    },
  }
}
