const units: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/**
 * Bytes that a text names, in decimal units as `quantity` writes them, or in the binary ones of memory.
 *
 * @returns undefined when it names none
 *
 * @example
 * parseBytes('2GB') // 2000000000
 * parseBytes('1.5 GiB') // 1610612736
 */
export function parseBytes(text: string): number | undefined {
  const [, digits, prefix = '', binary] = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmgt])(i)?)?b?\s*$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const unit = units[prefix.toLowerCase()] ?? 1
  const bytes = Math.round(Number(digits) * (binary ? 1024 ** (Math.log10(unit) / 3) : unit))
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}
