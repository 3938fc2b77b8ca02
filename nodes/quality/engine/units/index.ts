/**
 * Units of gauges, converted exactly: 1 inch is 25.4 mm by definition (1959), a pound-force 4.4482216152605 N. What is computed is the
 * nearest number to the exact result, so that 1.2345 inch is 31.3563 mm and not 31.356299999999997.
 */

/** How many of the base unit (mm, N) one of it is, as a fraction. */
const UNITS = {
  mm: { of: 'length', up: 1n, down: 1n },
  µm: { of: 'length', up: 1n, down: 1000n },
  cm: { of: 'length', up: 10n, down: 1n },
  m: { of: 'length', up: 1000n, down: 1n },
  inch: { of: 'length', up: 254n, down: 10n },
  N: { of: 'force', up: 1n, down: 1n },
  mN: { of: 'force', up: 1n, down: 1000n },
  kN: { of: 'force', up: 1000n, down: 1n },
  lbF: { of: 'force', up: 44_482_216_152_605n, down: 10_000_000_000_000n },
  ozF: { of: 'force', up: 44_482_216_152_605n, down: 160_000_000_000_000n },
  kgF: { of: 'force', up: 980_665n, down: 100_000n },
  gF: { of: 'force', up: 980_665n, down: 100_000_000n },
} as const
type Unit = keyof typeof UNITS

const SPELLINGS: Readonly<Record<string, Unit>> = {
  in: 'inch',
  inches: 'inch',
  '"': 'inch',
  um: 'µm',
  μm: 'µm',
  ...Object.fromEntries(Object.keys(UNITS).map((name) => [name.toLowerCase(), name as Unit])),
  // mN and MN are two; a gauge has no meganewton
  mn: 'mN',
}

/** The unit under the one name it has here; as it was written where it is none of these. */
export function unitOf(text: string): string {
  const written = text.trim()
  return SPELLINGS[written.toLowerCase()] ?? written
}

/** Digits behind the point that a result has at most; a gauge of ours shows 6. */
const MOST_DECIMALS = 12

/**
 * @param value a decimal number with at most {@link MOST_DECIMALS} digits behind the point
 * @returns undefined where the two units do not measure the same, or one is not known
 */
export function convert(value: number, from: string, to: string): number | undefined {
  const [source, target] = [unitOf(from), unitOf(to)]
  if (source === target) return value
  const [a, b] = [UNITS[source as Unit], UNITS[target as Unit]]
  if (!a || !b || a.of !== b.of || !Number.isFinite(value)) return undefined
  // the shortest number that is the same one is what the gauge wrote; all digits of 0.1 are those of its binary neighbour
  const written = String(Math.abs(value))
  const text = written.includes('e') ? Math.abs(value).toFixed(MOST_DECIMALS) : written
  // beyond 1e21 numbers have an exponent all the same
  if (text.includes('e')) return undefined
  const [whole = '', behind = ''] = text.split('.')
  const digits = BigInt(whole + behind.slice(0, MOST_DECIMALS).padEnd(MOST_DECIMALS, '0'))
  const scale = 10n ** BigInt(MOST_DECIMALS)
  const [up, down] = [a.up * b.down, a.down * b.up]
  const rounded = (2n * digits * up + down) / (2n * down)
  const size = Number(`${rounded / scale}.${String(rounded % scale).padStart(MOST_DECIMALS, '0')}`)
  return value < 0 && size !== 0 ? -size : size
}
