/** Points as columns that are handed to a thread without being copied. */
import type { Point } from '../phases.ts'

export interface Packed {
  subgroup: Float64Array
  at: Float64Array
  /** NaN: none. */
  size: Float64Array
  /** Bits: in tolerance, excluded, corrected. */
  flags: Uint8Array
  values: Float64Array
  /** How many of the values each point has. */
  counts: Uint16Array
}

export function pack(points: readonly Point[]): Packed {
  const n = points.length
  const total = points.reduce((sum, { values }) => sum + values.length, 0)
  const packed: Packed = {
    subgroup: new Float64Array(n),
    at: new Float64Array(n),
    size: new Float64Array(n),
    flags: new Uint8Array(n),
    values: new Float64Array(total),
    counts: new Uint16Array(n),
  }
  let next = 0
  points.forEach((point, i) => {
    packed.subgroup[i] = point.subgroup
    packed.at[i] = point.at
    packed.size[i] = point.size ?? Number.NaN
    packed.flags[i] = Number(point.isInTolerance) + Number(point.isExcluded) * 2 + Number(point.isCorrected) * 4
    packed.counts[i] = point.values.length
    for (const value of point.values) {
      packed.values[next] = value
      next += 1
    }
  })
  return packed
}

export const buffersOf = (packed: Packed): ArrayBuffer[] => Object.values(packed).map((column: Packed[keyof Packed]) => column.buffer as ArrayBuffer)

export function unpack({ subgroup, at, size, flags, values, counts }: Packed): Point[] {
  let next = 0
  return Array.from(subgroup, (number, i) => {
    const count = counts[i] ?? 0
    const own = Array.from(values.subarray(next, next + count))
    next += count
    const bits = flags[i] ?? 0
    const of = size[i] ?? Number.NaN
    return {
      subgroup: number,
      at: at[i] ?? 0,
      values: own,
      size: Number.isNaN(of) ? null : of,
      isInTolerance: (bits & 1) > 0,
      isExcluded: (bits & 2) > 0,
      isCorrected: (bits & 4) > 0,
    }
  })
}
