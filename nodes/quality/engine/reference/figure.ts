/** A published figure and ours beside it. */

export interface Figure {
  /** What it is, in the words of the field. */
  quantity: string
  /** As it is printed. */
  published: string
  ours: number
  /** Largest difference that counts as the same. */
  tolerance: number
  /** Why the tolerance is wider than half a unit of the last digit printed. */
  note?: string
  isWithin: boolean
}

/** A data set, whose it is, and what is known about it. */
export interface ReferenceSet {
  id: string
  title: string
  source: string
  /** Values or readings. */
  size: number
  figures: Figure[]
}

/** Half a unit of the last digit of a printed number: what rounding may have taken away. */
function halfUnit(published: string): number {
  const [, decimals = '', exponent = '0'] = /^[+-]?\d+(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(published) ?? []
  return 0.5 * 10 ** (Number(exponent) - decimals.length)
}

/**
 * @param options.relative instead of the rounding of the last digit, a share of the published figure: for those who reckon with rounded
 * constants (R's qcc, AIAG's tables), and where doubles hold no more digits; `note` says which
 */
export function figure(
  quantity: string,
  published: string,
  ours: number,
  { relative, note }: { relative?: number | undefined; note?: string | undefined } = {},
): Figure {
  const value = Number(published)
  // a figure that lies on the edge of its last digit: what binary arithmetic adds
  const tolerance = relative === undefined ? halfUnit(published) * (1 + 1e-6) : Math.abs(value) * relative
  return { quantity, published, ours, tolerance, ...(note === undefined ? {} : { note }), isWithin: Math.abs(ours - value) <= tolerance }
}
