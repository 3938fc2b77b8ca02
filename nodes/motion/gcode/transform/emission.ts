/** What a transform makes of some lines of the program, and what those lines must do. */
import type { AskedMove } from './asked-move.ts'
import type { ReadLine } from './reading.ts'

export interface Emission {
  /** New lines, without line ends. */
  lines: string[]
  /** What they must do, in order. */
  asked: AskedMove[]
  /** The lines of the old program they stand for. */
  sources: ReadLine[]
}

/** One kind of transform, line by line. What it keeps back for looking ahead it gives at the end. */
export interface Stage {
  line(line: ReadLine): Emission[]
  end(): Emission[]
  /** What a person should know, in whole sentences. */
  notes(): string[]
  /** Takes a point of the path made back to where it is compared with the path asked for: the surface made flat again. */
  unmap?(point: readonly [number, number, number]): [number, number, number]
}
