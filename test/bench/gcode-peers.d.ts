/** As much of the peers' types as the bench uses; they bring none. */
declare module 'gcode-parser' {
  export function parseLine(line: string): { words: [string, number][] }
}
declare module 'gcode-toolpath' {
  export default class Toolpath {
    constructor(options: {
      addLine(modal: unknown, from: unknown, to: { x: number }): void
      addArcCurve(modal: unknown, from: unknown, to: unknown, centre: unknown): void
    })
    loadFromStringSync(text: string): void
  }
}
