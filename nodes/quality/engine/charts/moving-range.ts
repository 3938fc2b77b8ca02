/** The range of the last few single values. */

export interface MovingRange {
  /** NaN until there are as many values as the span; `isExcluded` when one of them is. */
  add(value: number, isExcluded: boolean): { range: number; isExcluded: boolean }
  /** The next value has no neighbour. */
  restart(): void
  state(): number[]
  restore(state: readonly number[]): void
}

export function createMovingRange(span: number): MovingRange {
  let values: number[] = []
  let excluded: boolean[] = []
  return {
    add(value, isExcluded) {
      values.push(value)
      excluded.push(isExcluded)
      if (values.length > span) {
        values.shift()
        excluded.shift()
      }
      return { range: values.length < span ? Number.NaN : Math.max(...values) - Math.min(...values), isExcluded: excluded.includes(true) }
    },
    restart() {
      values = []
      excluded = []
    },
    state: () => [...values, ...excluded.map(Number)],
    restore(state) {
      const half = state.length / 2
      values = state.slice(0, half)
      excluded = state.slice(half).map(Boolean)
    },
  }
}
