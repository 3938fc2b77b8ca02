/**
 * Canned cycles (NIST RS274/NGC 3.5.16, LinuxCNC "Canned Cycles"): the moves of one line, and the simpler lines that a controller
 * without cycles gets instead.
 */
import { PLANE_AXES } from './arc.ts'
import { type Block, letterBit } from './block.ts'
import { AXIS_LETTERS, type ProgramListener } from './contract.ts'
import type { Course } from './course.ts'
import { Refusal } from './findings.ts'
import { codeName } from './modal-groups.ts'
import { numberText, type Output } from './output.ts'

/** LinuxCNC G83_RAPID_DELTA, G73: how far off the bottom of the last peck. */
const PECK_CLEARANCE_MM = 0.254
/** No hole has so many pecks: the Q word is wrong. */
const MOST_PECKS = 10_000
const MOST_REPEATS = 10_000
/** Holes and pecks of a whole program. */
const MOST_STROKES = 1_000_000

/** What stays from one line of cycles to the next; mm, as programmed. */
export interface CycleMemory {
  /** Which cycle the numbers belong to; 0 outside of cycles. */
  motion: number
  depth: number | undefined
  r: number | undefined
  q: number | undefined
  p: number | undefined
  /** Height where this run of cycles began, machine coordinates. */
  initial: number
  /** Strokes into the work so far. */
  strokes: number
}

export const freshCycle = (): CycleMemory => ({ motion: 0, depth: undefined, r: undefined, q: undefined, p: undefined, initial: 0, strokes: 0 })

const R = letterBit('R')
const L = letterBit('L')
const P = letterBit('P')
const Q = letterBit('Q')

export interface CycleOptions {
  block: Block
  motion: number
  memory: Readonly<CycleMemory>
  course: Course
  /** Source line. */
  line: number
  column: number
  feed: number
  /** Write the moves out as lines. */
  isWritten: boolean
}

/** A line of cycles worked out: nothing has moved yet. */
export interface CyclePlan extends Pick<CycleOptions, 'motion' | 'line' | 'column' | 'feed' | 'isWritten'> {
  memory: CycleMemory
  /** The axis that drills, and the words of the two across; mm as programmed. */
  deep: number
  across: readonly (readonly [number, number | undefined])[]
  /** Machine coordinates. */
  r: number
  clear: number
  depths: readonly number[]
  repeats: number
}

/** @throws Refusal */
export function planCycle({ block, motion, memory: before, course, line, column, feed, isWritten }: CycleOptions): CyclePlan {
  const { modal } = course
  const [a, b, deep] = PLANE_AXES[modal.plane] as readonly [number, number, number]
  const name = codeName('G', motion)
  const scale = modal.isInches ? 25.4 : 1
  if (motion === 870) throw new Refusal(column, 'code-unknown', 'G87 (back boring) needs a spindle that stops at an angle; no controller here has one.')
  if (modal.feedMode === 930) throw new Refusal(column, 'modal-conflict', `${name} cannot be used in inverse time (G93). Switch to G94 first.`)
  if (modal.isIncremental && course.hasSlack)
    throw new Refusal(column, 'position-unknown', `${name} in incremental distance mode (G91) begins at a place that a probe will find: use G90.`)
  const memory = remember(block, motion, before, { height: course.position[deep] as number, deep, scale })
  const repeats = block.letters & L ? block.value('L') : 1
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > MOST_REPEATS)
    throw new Refusal(block.column('L'), 'word-invalid', `${name} needs a whole number of repeats (L) from 1 to ${MOST_REPEATS}, not ${repeats}.`)
  const missing = (letter: string) => new Refusal(column, 'word-missing', `${name} needs ${letter} in its first line.`)
  if (memory.depth === undefined) throw missing(AXIS_LETTERS[deep] as string)
  if (memory.r === undefined) throw missing('R')

  const offset = course.offset[deep] as number
  const start = course.position[deep] as number
  const r = modal.isIncremental ? start + memory.r : memory.r + offset
  const bottom = modal.isIncremental ? r + memory.depth : memory.depth + offset
  if (bottom > r)
    throw new Refusal(
      column,
      'word-invalid',
      `${name} would begin at ${AXIS_LETTERS[deep]} ${numberText(r - offset, 3)} (R) and end above it at ${numberText(bottom - offset, 3)}.`,
    )
  const isPecking = motion === 830 || motion === 730
  if (isPecking && memory.q === undefined) throw missing('Q')
  const depths = isPecking ? pecks(r, bottom, { peck: memory.q ?? 0, name, column: block.letters & Q ? block.column('Q') : column }) : [bottom]
  memory.strokes += depths.length * repeats
  if (memory.strokes > MOST_STROKES) throw new Refusal(column, 'flow-endless', `The program drills and pecks more than ${MOST_STROKES} times up to here.`)
  const word = (axis: number) => {
    const letter = AXIS_LETTERS[axis] as string
    return block.hasLetter(letter) ? block.value(letter) * (axis < 3 ? scale : 1) : undefined
  }
  const across = [[a, word(a)] as const, [b, word(b)] as const]
  return { motion, line, column, feed, isWritten, memory, deep, across, r, clear: modal.returnsToR ? r : Math.max(memory.initial, r), depths, repeats }
}

/** What the line adds to the numbers that stay. */
function remember(
  block: Block,
  motion: number,
  before: Readonly<CycleMemory>,
  { height, deep, scale }: { height: number; deep: number; scale: number },
): CycleMemory {
  const memory: CycleMemory = before.motion === motion ? { ...before } : { ...freshCycle(), initial: before.initial, strokes: before.strokes, motion }
  if (before.motion === 0) memory.initial = height
  const letter = AXIS_LETTERS[deep] as string
  if (block.hasLetter(letter)) memory.depth = block.value(letter) * scale
  if (block.letters & R) memory.r = block.value('R') * scale
  if (block.letters & Q) memory.q = block.value('Q') * scale
  if (block.letters & P) memory.p = block.value('P')
  return memory
}

function pecks(r: number, bottom: number, { peck, name, column }: { peck: number; name: string; column: number }): number[] {
  if (peck <= 0) throw new Refusal(column, 'word-invalid', `${name} needs a peck (Q) above zero.`)
  if ((r - bottom) / peck > MOST_PECKS)
    throw new Refusal(column, 'word-invalid', `${name} would peck more than ${MOST_PECKS} times: Q ${numberText(peck, 4)} mm is too small.`)
  const depths: number[] = []
  for (let depth = r - peck; depth > bottom + 1e-9; depth -= peck) depths.push(depth)
  return [...depths, bottom]
}

/** Drills. */
export function runCycle(plan: CyclePlan, parts: { memory: CycleMemory; course: Course; output: Output; listener: ProgramListener }): void {
  const { course } = parts
  const { deep, r, clear, repeats } = plan
  Object.assign(parts.memory, plan.memory)
  const moves = new CycleMoves(plan, parts)
  moves.begin()
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    if ((course.position[deep] as number) < r) moves.go(true, r)
    moves.across()
    if ((course.position[deep] as number) > r) moves.go(true, r)
    hole(moves, plan)
    if ((course.position[deep] as number) < clear) moves.go(true, clear)
  }
  moves.end()
}

/** From R to the bottom, and out again. */
function hole(moves: CycleMoves, { motion, r, depths, memory }: CyclePlan): void {
  const bottom = depths.at(-1) as number
  const dwell = memory.p ?? 0
  switch (motion) {
    case 810:
      moves.go(false, bottom)
      moves.go(true, r)
      return
    case 820:
      moves.go(false, bottom)
      moves.dwell(dwell)
      moves.go(true, r)
      return
    case 830: {
      let last = r
      for (const depth of depths) {
        if (last < r) moves.go(true, Math.min(r, last + PECK_CLEARANCE_MM))
        moves.go(false, depth)
        last = depth
        moves.go(true, r)
      }
      return
    }
    case 730:
      depths.forEach((depth, index) => {
        moves.go(false, depth)
        if (index < depths.length - 1) moves.go(true, Math.min(r, depth + PECK_CLEARANCE_MM))
      })
      moves.go(true, r)
      return
    case 840:
    case 740: {
      const [into, out] = motion === 840 ? ([3, 4] as const) : ([4, 3] as const)
      moves.spindle(into)
      moves.go(false, bottom)
      moves.spindle(5)
      moves.dwell(dwell)
      moves.spindle(out)
      moves.go(false, r)
      moves.spindle(5)
      moves.spindle(into)
      return
    }
    case 850:
      moves.go(false, bottom)
      moves.go(false, r)
      return
    case 860:
    case 880: {
      const turn = moves.turn
      moves.go(false, bottom)
      moves.dwell(dwell)
      moves.spindle(5)
      if (motion === 880) moves.stop()
      moves.go(true, r)
      moves.spindle(turn)
      return
    }
    default:
      // G89
      moves.go(false, bottom)
      moves.dwell(dwell)
      moves.go(false, r)
  }
}

/** Moves the course, and writes the same as lines. */
class CycleMoves {
  readonly #plan: CyclePlan
  readonly #course: Course
  readonly #output: Output
  readonly #listener: ProgramListener

  constructor(plan: CyclePlan, { course, output, listener }: { course: Course; output: Output; listener: ProgramListener }) {
    this.#plan = plan
    this.#course = course
    this.#output = output
    this.#listener = listener
  }

  get turn(): 3 | 4 | 5 {
    return this.#course.modal.spindle
  }

  begin(): void {
    this.#course.isInCycle = true
    if (this.#course.modal.isIncremental) this.#write('G90')
  }

  end(): void {
    this.#course.isInCycle = false
    if (this.#course.modal.isIncremental) this.#write('G91')
  }

  get #from(): 'position' | 'offset' {
    return this.#course.modal.isIncremental ? 'position' : 'offset'
  }

  /** The drilling axis to a machine coordinate. */
  go(isRapid: boolean, to: number): void {
    const course = this.#course
    const { deep, column, feed } = this.#plan
    course.stay()
    course.aim(deep, to, this.#from)
    this.#write(`${isRapid ? 'G0' : 'G1'}${this.#word(deep, to)}`)
    course.straight(isRapid ? 'rapid' : 'feed', isRapid ? 0 : feed, column)
  }

  /** Over the hole. */
  across(): void {
    const course = this.#course
    const { across, column } = this.#plan
    course.stay()
    let text = ''
    for (const [axis, value] of across) {
      if (value === undefined) continue
      course.aim(axis, value + ((course.modal.isIncremental ? course.position[axis] : course.offset[axis]) as number), this.#from)
      text += this.#word(axis, course.target[axis] as number)
    }
    if (text) this.#write(`G0${text}`)
    if (across.some(([axis]) => course.target[axis] !== course.position[axis])) course.straight('rapid', 0, column)
  }

  dwell(seconds: number): void {
    if (seconds <= 0) return
    this.#write(`G4P${numberText(seconds, 3)}`)
    this.#listener.event?.({ kind: 'dwell', line: this.#plan.line, seconds })
  }

  spindle(turn: 3 | 4 | 5): void {
    const { modal } = this.#course
    if (modal.spindle === turn) return
    modal.spindle = turn
    this.#write(`M${turn}`)
    this.#listener.event?.({ kind: 'spindle', line: this.#plan.line, turn, rpm: modal.spindleRpm })
  }

  stop(): void {
    this.#write('M0')
    this.#listener.event?.({ kind: 'stop', line: this.#plan.line, isOptional: false })
  }

  #word(axis: number, to: number): string {
    if (!this.#plan.isWritten) return ' '
    const { modal, offset } = this.#course
    const isInches = modal.isInches && axis < 3
    return `${AXIS_LETTERS[axis]}${numberText((to - (offset[axis] as number)) / (isInches ? 25.4 : 1), isInches ? 6 : 4)}`
  }

  #write(text: string): void {
    if (this.#plan.isWritten) this.#output.write(text, this.#plan.line)
  }
}
