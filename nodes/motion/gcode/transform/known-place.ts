/**
 * Whether the program has said where it is. A program begins anywhere; G28, G53 and another work offset lead to places
 * whose work coordinates only the machine knows. What depends on them is refused rather than guessed.
 */
import { AXIS_LETTERS } from '../contract.ts'
import { TransformFailed } from './failure.ts'
import type { ReadLine } from './reading.ts'
import { codesOf } from './source-line.ts'

export class KnownPlace {
  /** X, Y, Z. */
  readonly isKnown = [false, false, false]
  readonly wasEverKnown = [false, false, false]
  hasMoved = false

  know(axis: number): void {
    this.isKnown[axis] = true
    this.wasEverKnown[axis] = true
  }

  forget(axes: readonly number[]): void {
    for (const axis of axes) if (axis < 3) this.isKnown[axis] = false
  }

  /**
   * To be told every line, before its move.
   * @param name what is being done, for the message
   * @throws TransformFailed
   */
  followFrame(line: ReadLine, name: string): void {
    if (line.frameChange.length === 0) return
    const codes = codesOf(line.source, 'G')
    const isG92 = codes.includes(920)
    const setsHere = isG92 || (codes.includes(100) && line.source.words.some(({ letter, value }) => letter === 'L' && value === 20))
    if (setsHere && this.hasMoved)
      throw new TransformFailed(
        line.number,
        `The program calls the place where it stands by other coordinates (${isG92 ? 'G92' : 'G10 L20'}) after it has moved, so ${name} has no clear meaning from here on. Split the program before this line.`,
      )
    this.forget(line.frameChange)
    if (isG92) for (const axis of givenAxes(line)) if (axis < 3) this.know(axis)
  }

  /** The axis words of a line in work coordinates. */
  followWords(line: ReadLine): void {
    if (!line.modal.isIncremental) for (const axis of givenAxes(line)) if (axis < 3) this.know(axis)
  }
}

/** Axes with a word in the line. */
export function givenAxes(line: ReadLine): number[] {
  return AXIS_LETTERS.flatMap((letter, axis) => (line.source.words.some((word) => word.letter === letter) ? [axis] : []))
}
