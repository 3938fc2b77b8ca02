/** Places and boxes of the picture, machine coordinates in mm. */
export type Point = readonly [number, number, number]
export interface SceneBox {
  min: Point
  max: Point
}
export interface MachineDrawing {
  envelope: SceneBox | undefined
  keepOut: readonly (SceneBox & { name: string })[]
  workZero: Point | undefined
}
export type View = 'space' | 'top' | 'front' | 'side'

/** A word that floats at a place. `kind` gives it its look. */
export interface Label {
  text: string
  at: Point
  kind: 'axis-x' | 'axis-y' | 'axis-z' | 'mark' | 'error' | 'warning' | 'machine'
  line?: number
}
