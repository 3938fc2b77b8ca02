/** Bias and linearity of a gauge against known values (AIAG MSA, by the standard deviation of the readings). */
import { centered } from '../describe/moments.ts'
import { assertFinite, StatisticsError } from '../describe/statistics-error.ts'
import { tQuantile, tTwoSided } from '../distributions/index.ts'
import type { BiasLine, BiasOptions, BiasResult, Coefficient, ReferenceReading } from './contract.ts'

/**
 * @throws StatisticsError `too-few`: no reading, or a part with one; `reference-differs`: a part with two reference values; a value that is none
 */
export function biasStudy(readings: readonly ReferenceReading[], { confidence = 0.95, processVariation }: BiasOptions = {}): BiasResult {
  if (!(confidence > 0 && confidence < 1)) throw new StatisticsError('option-invalid', `The confidence must be above 0 and below 1, not ${confidence}.`)
  if (processVariation !== undefined && !(processVariation > 0 && Number.isFinite(processVariation)))
    throw new StatisticsError('option-invalid', `The process variation must be above 0, not ${processVariation}.`)
  const byPart = grouped(readings)
  const lines = [...byPart].map(([part, { reference, values }]) => biasLine(part, reference, values, confidence))
  const bias = centered(readings.map(({ value, reference }) => value - reference)).mean
  return {
    confidence,
    lines,
    overall: { bias, percentOfProcess: processVariation === undefined ? null : (100 * Math.abs(bias)) / processVariation },
    linearity: new Set(readings.map(({ reference }) => reference)).size < 2 ? null : linearity(readings, confidence, processVariation),
  }
}

function grouped(readings: readonly ReferenceReading[]): Map<string, { reference: number; values: number[] }> {
  if (!readings.length) throw new StatisticsError('too-few', 'There are no readings.')
  const byPart = new Map<string, { reference: number; values: number[]; row: number }>()
  readings.forEach(({ part, reference, value }, row) => {
    assertFinite(value, `The value of part ${part}`, { row, part })
    assertFinite(reference, `The reference value of part ${part}`, { row, part })
    const known = byPart.get(part)
    if (known && known.reference !== reference)
      throw new StatisticsError('reference-differs', `Part ${part} has the reference value ${known.reference} and the reference value ${reference}.`, {
        row,
        otherRow: known.row,
        part,
      })
    if (known) known.values.push(value)
    else byPart.set(part, { reference, values: [value], row })
  })
  for (const [part, { values }] of byPart)
    if (values.length < 2)
      throw new StatisticsError('too-few', `Part ${part} was measured once. A bias study needs at least 2 readings of each part, better 10.`, { part })
  return byPart
}

function biasLine(part: string, reference: number, values: readonly number[], confidence: number): BiasLine {
  const { count, mean, squares } = centered(values)
  // of the differences: where reference and readings are large and close, that keeps the digits
  const bias = centered(values.map((value) => value - reference)).mean
  const standardDeviation = Math.sqrt(squares / (count - 1))
  const error = standardDeviation / Math.sqrt(count)
  const half = tQuantile((1 + confidence) / 2, count - 1) * error
  const t = error > 0 ? bias / error : null
  return {
    part,
    reference,
    count,
    mean,
    bias,
    standardDeviation,
    t,
    p: t === null ? null : tTwoSided(t, count - 1),
    lower: bias - half,
    upper: bias + half,
    isAcceptable: bias - half <= 0 && bias + half >= 0,
  }
}

function linearity(readings: readonly ReferenceReading[], confidence: number, processVariation: number | undefined): BiasResult['linearity'] {
  const n = readings.length
  const x = centered(readings.map(({ reference }) => reference))
  const biases = readings.map(({ value, reference }) => value - reference)
  const y = centered(biases)
  let products = 0
  readings.forEach(({ reference }, i) => {
    products += (reference - x.mean) * ((biases[i] as number) - y.mean)
  })
  const slope = products / x.squares
  const intercept = y.mean - slope * x.mean
  let residual = 0
  readings.forEach(({ reference }, i) => {
    residual += ((biases[i] as number) - y.mean - slope * (reference - x.mean)) ** 2
  })
  const df = n - 2
  const s = Math.sqrt(residual / df)
  const factor = tQuantile((1 + confidence) / 2, df)
  const coefficient = (value: number, standardError: number): Coefficient => {
    const t = standardError > 0 ? value / standardError : null
    return { value, standardError, t, p: t === null ? null : tTwoSided(t, df) }
  }
  const band = [...new Set(readings.map(({ reference }) => reference))]
    .sort((a, b) => a - b)
    .map((reference) => {
      const bias = intercept + slope * reference
      const half = factor * s * Math.sqrt(1 / n + (reference - x.mean) ** 2 / x.squares)
      return { reference, bias, lower: bias - half, upper: bias + half }
    })
  return {
    slope: coefficient(slope, s / Math.sqrt(x.squares)),
    intercept: coefficient(intercept, s * Math.sqrt(1 / n + x.mean ** 2 / x.squares)),
    s,
    df,
    rSquaredPercent: y.squares > 0 ? 100 * (1 - residual / y.squares) : null,
    band,
    isAcceptable: band.every(({ lower, upper }) => lower <= 0 && upper >= 0),
    linearity: processVariation === undefined ? null : Math.abs(slope) * processVariation,
    percentLinearity: 100 * Math.abs(slope),
  }
}
