/** Moving, turning, mirroring and scaling as one kind of thing: where each point of the work goes. Work coordinates, mm. */
import type { ProgramTransform } from '../../program.ts'

export interface PointMap {
  /** Row by row: output X, Y, Z from input X, Y, Z. */
  matrix: readonly (readonly [number, number, number])[]
  shift: readonly [number, number, number]
  /** How a person would call it. */
  name: string
}

type AffineTransform = Extract<ProgramTransform, { kind: 'offset' | 'rotate' | 'mirror' | 'scale' }>

export function pointMapOf(transform: AffineTransform): PointMap {
  switch (transform.kind) {
    case 'offset':
      return {
        matrix: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        shift: transform.byMm,
        name: 'moving',
      }
    case 'rotate': {
      const [cosine, sine] = turnOf(transform.angleDeg)
      const [x, y] = transform.aboutMm
      return {
        matrix: [
          [cosine, -sine, 0],
          [sine, cosine, 0],
          [0, 0, 1],
        ],
        shift: [x - cosine * x + sine * y, y - sine * x - cosine * y, 0],
        name: 'turning',
      }
    }
    case 'mirror': {
      const isX = transform.axis === 'X'
      return {
        matrix: [
          [isX ? -1 : 1, 0, 0],
          [0, isX ? 1 : -1, 0],
          [0, 0, 1],
        ],
        shift: [isX ? 2 * transform.atMm : 0, isX ? 0 : 2 * transform.atMm, 0],
        name: 'mirroring',
      }
    }
    case 'scale': {
      const [x, y, z] = transform.factor
      const [aboutX, aboutY, aboutZ] = transform.aboutMm
      return {
        matrix: [
          [x, 0, 0],
          [0, y, 0],
          [0, 0, z],
        ],
        shift: [aboutX * (1 - x), aboutY * (1 - y), aboutZ * (1 - z)],
        name: 'scaling',
      }
    }
    default:
      return transform satisfies never
  }
}

/** One output coordinate of a point. */
export function mapAxis(map: PointMap, axis: number, x: number, y: number, z: number): number {
  const row = map.matrix[axis] as readonly [number, number, number]
  return row[0] * x + row[1] * y + row[2] * z + (map.shift[axis] as number)
}

/** Input axes that an output axis is made of. */
export function inputsOf(map: PointMap, axis: number): number[] {
  const row = map.matrix[axis] as readonly number[]
  return [0, 1, 2].filter((input) => row[input] !== 0)
}

/**
 * What becomes of the circles of a plane: still circles in the same plane, so much larger, and the other way round or not.
 * @returns undefined where they are none any more
 */
export function circleMap(map: PointMap, a: number, b: number, across: number): { factor: number; isFlipped: boolean } | undefined {
  const at = (row: number, column: number) => (map.matrix[row] as readonly number[])[column] as number
  if (at(a, across) !== 0 || at(b, across) !== 0 || at(across, a) !== 0 || at(across, b) !== 0) return undefined
  const [aa, ab, ba, bb] = [at(a, a), at(a, b), at(b, a), at(b, b)]
  const small = 1e-12
  const isTurned = Math.abs(aa - bb) < small && Math.abs(ab + ba) < small
  const isMirrored = Math.abs(aa + bb) < small && Math.abs(ab - ba) < small
  if (!isTurned && !isMirrored) return undefined
  return { factor: Math.hypot(aa, ba), isFlipped: isMirrored }
}

/** The most a length can grow. */
export function largestFactor(map: PointMap): number {
  return Math.max(...[0, 1, 2].map((axis) => Math.hypot(...map.matrix.map((row) => row[axis] as number))))
}

/** Cosine and sine of degrees, exact for quarter turns: those turn axes into axes. */
function turnOf(degrees: number): [number, number] {
  const turn = ((degrees % 360) + 360) % 360
  if (turn % 90 === 0)
    return (
      [
        [1, 0],
        [0, 1],
        [-1, 0],
        [0, -1],
      ] as const
    )[turn / 90] as [number, number]
  const radians = (turn * Math.PI) / 180
  return [Math.cos(radians), Math.sin(radians)]
}
