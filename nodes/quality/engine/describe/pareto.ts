/** What matters most first: causes of scrap by count or cost. */
import { assertFinite, StatisticsError } from './statistics-error.ts'

export interface ParetoBar {
  name: string
  weight: number
  /** Of all, 0 to 1. */
  share: number
  /** With all bars before it. */
  cumulativeShare: number
  /** It stands for the small ones at the end: so many names. */
  others?: number
}

/**
 * @param entries the same name may come often: its weights are added
 * @param most so many bars by name, and one for all others behind them
 * @throws StatisticsError a weight that is below 0 or no number; nothing that weighs anything
 */
export function pareto(entries: Iterable<readonly [name: string, weight: number]>, { most = Number.POSITIVE_INFINITY }: { most?: number } = {}): ParetoBar[] {
  if (!(most >= 1)) throw new StatisticsError('option-invalid', `There must be at least one bar, not ${most}.`)
  const weights = new Map<string, number>()
  let row = 0
  for (const [name, weight] of entries) {
    assertFinite(weight, `The weight of "${name}"`, { row })
    if (weight < 0) throw new StatisticsError('option-invalid', `The weight of "${name}" is below 0.`, { row })
    weights.set(name, (weights.get(name) ?? 0) + weight)
    row++
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  if (total === 0) throw new StatisticsError('too-few', 'There is nothing to put in order.')
  // the same weight: by name, so that the order of the entries does not matter
  const ordered = [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const shown: { name: string; weight: number; others?: number }[] = ordered.slice(0, most).map(([name, weight]) => ({ name, weight }))
  const rest = ordered.slice(most)
  if (rest.length) shown.push({ name: '', weight: rest.reduce((sum, [, weight]) => sum + weight, 0), others: rest.length })
  let before = 0
  return shown.map((bar) => {
    before += bar.weight
    return { ...bar, share: bar.weight / total, cumulativeShare: Math.min(1, before / total) }
  })
}
