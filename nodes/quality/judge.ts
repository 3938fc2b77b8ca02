/** The verdict on one measured value. */

export interface Verdict {
  isInTolerance: boolean
  /** Value minus nominal. */
  deviation: number
  lowerLimit: number
  upperLimit: number
  /** e.g. `bore diameter 10.012 mm, within 10.000 +0.020/-0.000` */
  text: string
}

/**
 * Judges `value` against `nominal` + `lower`…`upper` (signed deviations, limits included). Values are decimal
 * numbers of a gauge: what binary arithmetic adds (10.3 - 10 > 0.3) is rounded off at 1e-9 of the unit.
 */
export function judge(check: {
  characteristic: string
  value: number
  nominal: number
  lower: number
  upper: number
  unit: string
  decimals: number
}): Verdict {
  const { characteristic, value, nominal, lower, upper, unit, decimals } = check
  const lowerLimit = tidy(nominal + lower)
  const upperLimit = tidy(nominal + upper)
  const deviation = tidy(value - nominal)
  const above = tidy(value - upperLimit)
  const below = tidy(lowerLimit - value)
  const isInTolerance = above <= 0 && below <= 0
  const excess = Math.max(above, below)
  // a value just outside must not be shown as if it were on the limit
  const shown = (number: number) => (!isInTolerance && Number(excess.toFixed(decimals)) === 0 ? String(tidy(number)) : number.toFixed(decimals))
  const unitText = unit ? ` ${unit}` : ''
  const tolerance = `${nominal.toFixed(decimals)} ${signed(upper, '+', decimals)}/${signed(lower, '-', decimals)}`
  const verdict = isInTolerance ? 'within' : `${shown(excess)}${unitText} ${above > 0 ? 'above' : 'below'}`
  return { isInTolerance, deviation, lowerLimit, upperLimit, text: `${characteristic} ${shown(value)}${unitText}, ${verdict} ${tolerance}` }
}

const tidy = (number: number): number => Math.round(number * 1e9) / 1e9

function signed(deviation: number, signOfZero: '+' | '-', decimals: number): string {
  const sign = deviation > 0 ? '+' : deviation < 0 ? '-' : signOfZero
  return sign + Math.abs(deviation).toFixed(decimals)
}
