/** How one row of a packed matrix is written and read, in the layout of files. */
export interface Codec {
  /** @param values whole blocks @param into as many bytes as `packedRowBytes` says */
  pack(values: Float32Array, into: Uint8Array): void
  /** @param bytes one packed row @param into as many numbers as it holds */
  unpack(bytes: Uint8Array, into: Float32Array): void
}
