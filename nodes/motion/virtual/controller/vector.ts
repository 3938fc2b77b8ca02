/** X, Y, Z, A, B, C in this order everywhere; axes a machine does not have stay 0. */
export type Vector = [number, number, number, number, number, number]

export const AXES = [0, 1, 2, 3, 4, 5] as const
export type Axis = (typeof AXES)[number]
export const AXIS_LETTERS = ['X', 'Y', 'Z', 'A', 'B', 'C'] as const

/** A place for the world outside: three numbers or, where the machine has more axes, up to six. */
export type Point = [number, number, number, ...number[]]

export const eachAxis = (of: (axis: Axis) => number): Vector => [of(0), of(1), of(2), of(3), of(4), of(5)]
export const zero = (): Vector => [0, 0, 0, 0, 0, 0]
export const vectorOf = (values: readonly number[]): Vector => eachAxis((axis) => values[axis] ?? 0)
export const pointOf = (vector: Vector, axisCount: number): Point => {
  const [x, y, z, ...more] = vector
  return [x, y, z, ...more.slice(0, axisCount - 3)]
}
/** Rotary axes count like the others, as in the firmware. */
export const lengthOf = ([x, y, z, a, b, c]: Vector): number => Math.sqrt(x * x + y * y + z * z + a * a + b * b + c * c)
export const sameVector = (a: Vector, b: Vector): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3] && a[4] === b[4] && a[5] === b[5]
