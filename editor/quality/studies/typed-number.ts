/** A number as people type it, comma or point; undefined for what is none. */
export function typedNumber(typed: string): number | undefined {
  const plain = typed.trim().replace(',', '.')
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}
