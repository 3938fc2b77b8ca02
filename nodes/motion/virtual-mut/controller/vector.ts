/** Three axes: X, Y, Z in this order everywhere. */
export type Vector = [number, number, number]

export const AXES = [0, 1, 2] as const
export type Axis = (typeof AXES)[number]
export const AXIS_LETTERS = ['X', 'Y', 'Z'] as const

export const eachAxis = (of: (axis: Axis) => number): Vector => [of(0), of(1), of(2)]
export const zero = (): Vector => [0, 0, 0]
export const lengthOf = (v: Vector): number => Math.hypot(v[0], v[1], v[2])
export const sameVector = (a: Vector, b: Vector): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2]
