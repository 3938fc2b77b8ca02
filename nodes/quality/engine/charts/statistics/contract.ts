/** What a kind of chart is inside: readings go in one after the other, and each gives one point on each panel. */
import type { PanelName } from '../contract.ts'
import type { Lines } from '../lines.ts'
import type { Reading } from '../reading.ts'

/** What a phase is judged by. */
export interface Basis {
  /** NaN where every panel has explicit lines. */
  center: number
  /** Of single values; NaN where nothing needs it. */
  sigma: number
  meanSize: number
}

export interface Plotted {
  /** NaN: none. */
  value: number
  lines: Lines
  excluded: boolean
  /** The first point of the pattern, where the value itself has one. */
  from?: number
}

export interface Panel {
  name: PanelName
  /** Whether the distribution of the points is symmetric: zone rules suppose it. */
  isSymmetric: boolean
  /** Whether a point says nothing of its neighbours: run rules suppose it. */
  isIndependent: boolean
  /** Whether the lines depend on the size of the subgroup; if not, `linesAt` may be asked with any. */
  dependsOnSize: boolean
  /** Where the lines come to rest for subgroups of this size. */
  linesAt: (size: number) => Lines
  /** Whether each point may have lines of its own even where all sizes are the same. */
  widens?: boolean
}

export interface Statistic {
  panels: readonly Panel[]
  /** One point for each panel. */
  add(reading: Reading, excluded: boolean, at: number): Plotted[]
  /** A place without a value. */
  miss(): void
  state(): number[]
  restore(state: readonly number[]): void
}

/** Keeps the last answer: sizes rarely change from one subgroup to the next. */
export function bySize(lines: (size: number) => Lines): (size: number) => Lines {
  let size = Number.NaN
  let last: Lines | undefined
  return (asked) => {
    if (last && asked === size) return last
    size = asked
    last = lines(asked)
    return last
  }
}

/** For charts whose points remember nothing. */
export const STATELESS = { miss: () => {}, state: (): number[] => [], restore: () => {} }
