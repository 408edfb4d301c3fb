/**
 * The printable character that stands for each byte in files of byte-level tokenizers: a byte that is a visible
 * Latin-1 character stands for itself, the other 68 are U+0100 and up. Source: Radford et al. 2019 (GPT-2).
 */
export const characterOfByte: readonly string[] = (() => {
  const characters: string[] = []
  let next = 0x100
  for (let byte = 0; byte < 256; byte++) {
    const visible = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    characters.push(String.fromCharCode(visible ? byte : next++))
  }
  return characters
})()

/** Bytes in the order of their characters; the id of a byte in a vocabulary is its place here. `[33, 34, …]`. */
export const bytesInOrder: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort(
  (a, b) => characterOfByte[a].charCodeAt(0) - characterOfByte[b].charCodeAt(0),
)

/** By code unit; −1 for those that stand for no byte. */
const byteOfCharacter = new Int16Array(0x200).fill(-1)
characterOfByte.forEach((character, byte) => {
  byteOfCharacter[character.charCodeAt(0)] = byte
})

/** The characters that stand for a token's bytes. @example bytesToCharacters([32, 104]) // 'Ġh' */
export function bytesToCharacters(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += characterOfByte[byte]
  return text
}

/**
 * The bytes that a token's characters stand for; undefined when one of them stands for none.
 *
 * @example
 * charactersToBytes('Ġh') // [32, 104]
 */
export function charactersToBytes(characters: string): Uint8Array | undefined {
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < characters.length; i++) {
    const byte = byteOfCharacter[characters.charCodeAt(i)] ?? -1
    if (byte < 0) return undefined
    bytes[i] = byte
  }
  return bytes
}
