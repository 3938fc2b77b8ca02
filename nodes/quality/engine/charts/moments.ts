/** Means and spreads that keep the digits of the data (NIST StRD): nothing is squared before the mean is taken off. */

/** Neumaier's compensated sum: the result is as if summed with twice the digits. */
export class Sum {
  #sum = 0
  #lost = 0

  add(value: number): void {
    const next = this.#sum + value
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum
    this.#sum = next
  }

  get value(): number {
    return this.#sum + this.#lost
  }
}

/** Mean, range and standard deviation (n - 1) in two passes; the second corrects what rounding the mean did (Chan, Golub and LeVeque 1983). NaN for the deviation of one value. */
export function moments(values: readonly number[]): { mean: number; range: number; deviation: number } {
  const n = values.length
  let sum = 0
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const value of values) {
    sum += value
    if (value < least) least = value
    if (value > most) most = value
  }
  const rough = sum / n
  let rest = 0
  for (const value of values) rest += value - rough
  const mean = rough + rest / n
  let squares = 0
  let drift = 0
  for (const value of values) {
    const difference = value - mean
    squares += difference * difference
    drift += difference
  }
  return { mean, range: most - least, deviation: n < 2 ? Number.NaN : Math.sqrt(Math.max(0, squares - (drift * drift) / n) / (n - 1)) }
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}
