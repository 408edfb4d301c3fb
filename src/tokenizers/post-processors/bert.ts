import { addedEncoding, type Encoding, joinedEncodings } from '../encoding.ts'
import type { PostProcessor } from '../stages.ts'
import { trimmedOffsets } from './byte-level.ts'

/** The spelling and the id of a token that a post-processor adds. */
export type TokenAndId = readonly [token: string, id: number]

/**
 * `[CLS] text [SEP]`, or `[CLS] text [SEP] text [SEP]` with type 1 from the second text on.
 *
 * @example
 * bertProcessor({ sep: ['[SEP]', 102], cls: ['[CLS]', 101] }).addedTokens(true) // 3
 */
export function bertProcessor({ sep, cls }: { sep: TokenAndId; cls: TokenAndId }): PostProcessor {
  return {
    json: { type: 'BertProcessing', sep, cls },
    addedTokens: (pair) => (pair ? 3 : 2),
    process: (encodings, addSpecials) =>
      addSpecials
        ? encodings.map((encoding, i) => surrounded(encoding, i === 0 ? cls : undefined, sep, i))
        : [...encodings],
  }
}

/**
 * `<s> text </s>`, or `<s> text </s></s> text </s>`, all of type 0; white space is taken out of offsets as by
 * {@link byteLevelProcessor}.
 *
 * @example
 * robertaProcessor({ sep: ['</s>', 2], cls: ['<s>', 0] }).addedTokens(true) // 4
 */
export function robertaProcessor(options: {
  sep: TokenAndId
  cls: TokenAndId
  trimOffsets?: boolean
  addPrefixSpace?: boolean
}): PostProcessor {
  const { sep, cls, trimOffsets = true, addPrefixSpace = true } = options
  return {
    json: { type: 'RobertaProcessing', sep, cls, trim_offsets: trimOffsets, add_prefix_space: addPrefixSpace },
    addedTokens: (pair) => (pair ? 4 : 2),
    process: (encodings, addSpecials) =>
      encodings.map((encoding, i) => {
        const trimmed = trimOffsets ? trimmedOffsets(encoding, addPrefixSpace) : encoding
        const ofType = { ...ofTypeZero(trimmed), overflow: trimmed.overflow.map(ofTypeZero) }
        return addSpecials ? surrounded(ofType, i === 0 ? cls : sep, sep, 0) : ofType
      }),
  }
}

const ofTypeZero = (encoding: Encoding) => ({ ...encoding, typeIds: new Uint32Array(encoding.ids.length) })

/** An encoding, and each window of its overflow, between two added tokens. */
function surrounded(encoding: Encoding, before: TokenAndId | undefined, behind: TokenAndId, typeId: number): Encoding {
  const added = (token: TokenAndId | undefined) =>
    token === undefined ? [] : [addedEncoding([token[1]], [token[0]], { typeId })]
  const around = (inner: Encoding) => joinedEncodings([...added(before), { ...inner, overflow: [] }, ...added(behind)])
  return { ...around(encoding), overflow: encoding.overflow.map(around) }
}
