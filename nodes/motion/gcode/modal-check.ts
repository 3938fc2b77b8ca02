/**
 * Follows a program line by line as the controller will: modal state, units, offsets, position. Tells the
 * first thing in each line that the controller would refuse or that would leave the envelope. Positions in
 * here are always machine millimetres.
 */
import { arcBox, centreFromOffsets, centreFromRadius } from './arc.ts'
import { codeName, G_CODES, type Group, M_CODES } from './codes.ts'
import type { LineProblem, Word } from './words.ts'

export type Vector = [number, number, number]

export interface ModalState {
  motion: 'G0' | 'G1' | 'G2' | 'G3' | 'G38' | 'G80'
  plane: 'G17' | 'G18' | 'G19'
  isIncremental: boolean
  isInches: boolean
  isInverseTime: boolean
  /** 0 for G54 to 5 for G59. */
  workOffset: number
  /** mm/min; 0 when none was given yet. */
  feedMmPerMin: number
}

/** Where the machine is and what the controller has stored when the program begins. */
export interface CheckSetup {
  positionMm: Vector
  modal: ModalState
  /** G54 to G59. */
  workOffsetsMm: Vector[]
  g92Mm: Vector
  toolLengthMm: Vector
  g28Mm: Vector
  g30Mm: Vector
  envelopeMm: { min: Vector; max: Vector }
  /** Codes of the table that this controller does not have, as tenths (M6 is 60). */
  withoutM?: readonly number[]
}

export type CheckProblem = LineProblem & { kind: 'grammar' | 'envelope' }

export interface Extents {
  min: Vector
  max: Vector
}

/** @returns the words of `[GC:…]` as modal state; what is missing stays as after a reset */
export function modalStateFromWords(words: readonly string[]): ModalState {
  const has = new Set(words)
  const feed = words.find((word) => word.startsWith('F'))
  const isInches = has.has('G20')
  const motion = (['G0', 'G1', 'G2', 'G3', 'G80'] as const).find((code) => has.has(code))
  const offset = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59'].findIndex((code) => has.has(code))
  return {
    motion: motion ?? (words.some((word) => word.startsWith('G38.')) ? 'G38' : 'G0'),
    plane: has.has('G18') ? 'G18' : has.has('G19') ? 'G19' : 'G17',
    isIncremental: has.has('G91'),
    isInches,
    isInverseTime: has.has('G93'),
    workOffset: Math.max(0, offset),
    feedMmPerMin: Math.max(0, Number(feed?.slice(1) ?? 0)) * (isInches ? 25.4 : 1),
  }
}

/** Beyond the envelope by less than this is rounding, mm. */
const TOLERANCE = 0.001
const AXES = ['X', 'Y', 'Z'] as const
const PLANES = { G17: [0, 1, 2], G18: [2, 0, 1], G19: [1, 2, 0] } as const
const LETTERS = new Set('FGIJKLMNPRSTXYZ')
const WHOLE_NUMBERS = new Set('LNT')

class Refused extends Error {
  readonly problem: CheckProblem
  constructor(problem: CheckProblem) {
    super(problem.reason)
    this.problem = problem
  }
}

export class ModalCheck {
  readonly modal: ModalState
  readonly #setup: CheckSetup
  #position: Vector
  readonly #workOffsets: Vector[]
  #g92: Vector
  #toolLength: Vector
  #g28: Vector
  #g30: Vector
  readonly #extents: Extents = { min: [Infinity, Infinity, Infinity], max: [-Infinity, -Infinity, -Infinity] }
  #hasEnded = false

  constructor(setup: CheckSetup) {
    this.#setup = setup
    this.modal = { ...setup.modal }
    this.#position = [...setup.positionMm]
    this.#workOffsets = [0, 1, 2, 3, 4, 5].map((index) => [...(setup.workOffsetsMm[index] ?? [0, 0, 0])] as Vector)
    this.#g92 = [...setup.g92Mm]
    this.#toolLength = [...setup.toolLengthMm]
    this.#g28 = [...setup.g28Mm]
    this.#g30 = [...setup.g30Mm]
  }

  /** M2 or M30 was met: whatever follows is not part of the program. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  get positionMm(): Vector {
    return [...this.#position]
  }

  /** The box of everything moved through so far; undefined before the first move. */
  get extentsMm(): Extents | undefined {
    return this.#extents.min[0] === Infinity ? undefined : this.#extents
  }

  /** Takes one line on. After a problem the state is not to be used any more. */
  line(words: readonly Word[]): CheckProblem | undefined {
    if (words.length === 0) return undefined
    try {
      this.#line(words)
      return undefined
    } catch (error) {
      if (error instanceof Refused) return error.problem
      throw error
    }
  }

  #line(words: readonly Word[]): void {
    const values = new Map<string, Word>()
    const codes = new Map<Group, { tenths: number; word: Word }>()
    for (const word of words) {
      const { letter } = word
      if (letter === 'G' || letter === 'M') {
        this.#addCode(word, codes)
        continue
      }
      if (!LETTERS.has(letter)) refuse(word, `${letter} is not understood by this controller.`)
      if (values.has(letter)) refuse(word, `${letter} stands twice in the line.`)
      if (WHOLE_NUMBERS.has(letter) && !Number.isInteger(word.value)) refuse(word, `${letter} needs a whole number.`)
      if ('FNPST'.includes(letter) && word.value < 0) refuse(word, `${letter} must not be negative.`)
      values.set(letter, word)
    }
    const used = new Set(['N', 'S', 'T', 'F'])
    const { modal } = this
    const of = (group: Group) => codes.get(group)?.tenths

    // RS-274/NGC order of execution: feed mode, feed, ..., units, ..., offsets, distance, non-modal, motion, stopping
    const feedMode = of('feed-mode')
    if (feedMode !== undefined) {
      modal.isInverseTime = feedMode === 930
      modal.feedMmPerMin = 0
    }
    const units = of('units')
    if (units !== undefined) modal.isInches = units === 200
    const scale = modal.isInches ? 25.4 : 1
    const feed = values.get('F')
    if (feed) modal.feedMmPerMin = modal.isInverseTime ? feed.value : feed.value * scale

    const plane = of('plane')
    if (plane !== undefined) modal.plane = plane === 170 ? 'G17' : plane === 180 ? 'G18' : 'G19'
    const toolLength = of('tool-length')
    if (toolLength === 490) this.#toolLength = [0, 0, 0]
    const workOffset = of('work-offset')
    if (workOffset !== undefined) modal.workOffset = (workOffset - 540) / 10
    const distance = of('distance')
    if (distance !== undefined) modal.isIncremental = distance === 910

    const motion = codes.get('motion')
    const nonModal = codes.get('non-modal')
    if (motion) modal.motion = motionOf(motion.tenths)
    const axes = AXES.map((axis) => values.get(axis))
    const firstAxis = axes.find((axis) => axis !== undefined)
    // one code takes the axis words; G49 too, though it does nothing with them (grbl 1.1 gcode.c, "case 43: case 49")
    const takesAxes = nonModal && [100, 280, 300, 920].includes(nonModal.tenths) ? nonModal : codes.get('tool-length')
    if (takesAxes && ((motion && motion.tenths !== 800) || (takesAxes === nonModal && toolLength !== undefined)))
      refuse((motion ?? takesAxes).word, 'Two codes in the line want the axis words.')
    // also for codes that take them for themselves (grbl 1.1 gcode.c, "G80 Errors")
    if (modal.motion === 'G80' && firstAxis) refuse(firstAxis, 'There are axis words and no code that uses them (G80 is on).')
    if (nonModal?.tenths === 530 && modal.motion !== 'G0' && modal.motion !== 'G1') refuse(nonModal.word, 'G53 needs G0 or G1.')
    if (toolLength === 490 && firstAxis) refuse(firstAxis, `${firstAxis.letter} is not used by anything in this line.`)
    for (const axis of AXES) used.add(axis)

    if (toolLength === 431) {
      if (!values.get('Z') || values.get('X') || values.get('Y')) refuse(codes.get('tool-length')?.word, 'G43.1 needs Z and no other axis.')
      this.#toolLength = [0, 0, (values.get('Z')?.value ?? 0) * scale]
    }
    if (nonModal) this.#nonModal({ code: nonModal, values, axes, scale, used })
    if (!takesAxes) this.#move({ axes, firstAxis, values, scale, used, isMachine: nonModal?.tenths === 530, motion, feed })
    for (const [letter, word] of values) if (!used.has(letter)) refuse(word, `${letter} is not used by anything in this line.`)

    const stopping = of('stopping')
    if (stopping === 20 || stopping === 300) {
      // grbl 1.1 gcode.c, program flow: these go back to their defaults, units and feed stay
      Object.assign(modal, { motion: 'G1', plane: 'G17', isIncremental: false, isInverseTime: false, workOffset: 0 } satisfies Partial<ModalState>)
      this.#hasEnded = true
    }
  }

  #addCode(word: Word, codes: Map<Group, { tenths: number; word: Word }>): void {
    const tenths = Math.round(word.value * 10)
    const isExact = Math.abs(word.value * 10 - tenths) < 1e-6
    const group = isExact && word.value >= 0 ? (word.letter === 'G' ? G_CODES : M_CODES).get(tenths) : undefined
    const isMissing = word.letter === 'M' && this.#setup.withoutM?.includes(tenths)
    if (!group || isMissing) refuse(word, `${word.letter}${word.value} is not understood by this controller.`)
    // M7 and M8 may both be on (grbl 1.1: coolant group)
    const other = codes.get(group)
    if (other && group !== 'coolant')
      refuse(word, `${codeName(word.letter, other.tenths)} and ${codeName(word.letter, tenths)} exclude each other in one line.`)
    codes.set(group, { tenths, word })
  }

  #offset(axis: number): number {
    return (this.#workOffsets[this.modal.workOffset]?.[axis] ?? 0) + (this.#g92[axis] ?? 0) + (this.#toolLength[axis] ?? 0)
  }

  #target(axes: readonly (Word | undefined)[], scale: number, isMachine: boolean): Vector {
    return this.#position.map((now, axis) => {
      const word = axes[axis]
      if (!word) return now
      const value = word.value * scale
      if (isMachine) return value
      return this.modal.isIncremental ? now + value : value + this.#offset(axis)
    }) as Vector
  }

  #nonModal(options: {
    code: { tenths: number; word: Word }
    values: Map<string, Word>
    axes: readonly (Word | undefined)[]
    scale: number
    used: Set<string>
  }): void {
    const { code, values, axes, scale, used } = options
    const need = (letter: string): Word => {
      used.add(letter)
      return values.get(letter) ?? refuse(code.word, `${codeName('G', code.tenths)} needs ${letter}.`)
    }
    switch (code.tenths) {
      case 40:
        need('P')
        break
      case 100: {
        const l = need('L')
        const p = need('P')
        if (l.value !== 2 && l.value !== 20) refuse(l, 'G10 is understood with L2 and L20 only.')
        if (!Number.isInteger(p.value) || p.value > 6) refuse(p, 'G10 needs P0 to P6.')
        if (axes.every((axis) => axis === undefined)) refuse(code.word, 'G10 needs axis words.')
        const index = p.value === 0 ? this.modal.workOffset : p.value - 1
        const offset = this.#workOffsets[index] ?? refuse(p, 'G10 needs P0 to P6.')
        axes.forEach((word, axis) => {
          if (!word) return
          const here = (this.#position[axis] ?? 0) - (this.#g92[axis] ?? 0) - (this.#toolLength[axis] ?? 0)
          offset[axis] = l.value === 2 ? word.value * scale : here - word.value * scale
        })
        break
      }
      case 280:
      case 300: {
        const stored = code.tenths === 280 ? this.#g28 : this.#g30
        const hasAxes = axes.some((axis) => axis !== undefined)
        if (hasAxes) this.#goTo(this.#target(axes, scale, false), code.word)
        const home = this.#position.map((now, axis) => (!hasAxes || axes[axis] ? (stored[axis] ?? 0) : now)) as Vector
        this.#goTo(home, code.word)
        break
      }
      case 281:
        this.#g28 = [...this.#position]
        break
      case 301:
        this.#g30 = [...this.#position]
        break
      case 920:
        if (axes.every((axis) => axis === undefined)) refuse(code.word, 'G92 needs axis words.')
        axes.forEach((word, axis) => {
          if (!word) return
          const offset = this.#workOffsets[this.modal.workOffset]?.[axis] ?? 0
          this.#g92[axis] = (this.#position[axis] ?? 0) - offset - (this.#toolLength[axis] ?? 0) - word.value * scale
        })
        break
      case 921:
        this.#g92 = [0, 0, 0]
        break
      default:
        break
    }
  }

  #move(options: {
    axes: readonly (Word | undefined)[]
    firstAxis: Word | undefined
    values: Map<string, Word>
    scale: number
    used: Set<string>
    isMachine: boolean
    motion: { tenths: number; word: Word } | undefined
    feed: Word | undefined
  }): void {
    const { axes, firstAxis, values, scale, used, isMachine, motion, feed } = options
    const { modal } = this
    const at = firstAxis ?? motion?.word
    if (!at || modal.motion === 'G80') return
    // a feed mode named without a move wants its feed too (grbl 1.1 gcode.c, "Motion modes")
    const hasFeed = modal.isInverseTime ? feed !== undefined && feed.value > 0 : modal.feedMmPerMin > 0
    if (modal.motion !== 'G0' && !hasFeed) refuse(at, modal.isInverseTime ? 'With G93 every feed move needs F.' : 'No feed (F) has been set before this move.')
    if (!firstAxis) {
      if (motion && modal.motion !== 'G0' && modal.motion !== 'G1') refuse(motion.word, `${codeName('G', motion.tenths)} needs axis words.`)
      return
    }
    const target = this.#target(axes, scale, isMachine)
    if (modal.motion === 'G2' || modal.motion === 'G3') this.#arc({ target, axes, values, scale, used, at: firstAxis, isClockwise: modal.motion === 'G2' })
    else this.#goTo(target, firstAxis, axes)
  }

  #arc(options: {
    target: Vector
    axes: readonly (Word | undefined)[]
    values: Map<string, Word>
    scale: number
    used: Set<string>
    at: Word
    isClockwise: boolean
  }): void {
    const { target, axes, values, scale, used, at, isClockwise } = options
    const [a, b] = PLANES[this.modal.plane]
    if (!axes[a] && !axes[b]) refuse(at, `An arc in ${this.modal.plane} needs ${AXES[a]} or ${AXES[b]}.`)
    const arc = { startA: this.#position[a], startB: this.#position[b], endA: target[a], endB: target[b], isClockwise }
    const offsetLetters = ['I', 'J', 'K'] as const
    const radius = values.get('R')
    let centre: ReturnType<typeof centreFromRadius>
    if (radius) {
      used.add('R')
      centre = centreFromRadius(arc, radius.value * scale)
    } else {
      const [letterA, letterB] = [offsetLetters[a], offsetLetters[b]]
      const [wordA, wordB] = [values.get(letterA), values.get(letterB)]
      if (!wordA && !wordB) refuse(at, `An arc in ${this.modal.plane} needs R, ${letterA} or ${letterB}.`)
      used.add(letterA).add(letterB)
      centre = centreFromOffsets(arc, (wordA?.value ?? 0) * scale, (wordB?.value ?? 0) * scale)
    }
    if ('problem' in centre) refuse(radius ?? at, centre.problem)
    const box = arcBox(arc, centre)
    const low = [...target] as Vector
    const high = [...target] as Vector
    low[a] = box.minA
    high[a] = box.maxA
    low[b] = box.minB
    high[b] = box.maxB
    this.#within(low, at)
    this.#within(high, at)
    this.#goTo(target, at)
  }

  #goTo(target: Vector, at: Word, axes?: readonly (Word | undefined)[]): void {
    this.#within(target, at, axes)
    this.#position = target
  }

  /** Every point moved to must lie in the envelope; straight moves between two such points stay in it. */
  #within(point: Vector, at: Word, axes?: readonly (Word | undefined)[]): void {
    const { min, max } = this.#setup.envelopeMm
    for (let axis = 0; axis < 3; axis += 1) {
      const value = point[axis] ?? 0
      const low = min[axis] ?? 0
      const high = max[axis] ?? 0
      // an axis that stands outside already and is not moved is not this line's fault
      const stays = value === this.#position[axis]
      if (!stays && (value < low - TOLERANCE || value > high + TOLERANCE)) {
        const name = AXES[axis]
        const offset = this.#offset(axis)
        throw new Refused({
          kind: 'envelope',
          column: (axes?.[axis] ?? at).column,
          reason: `${name} would reach ${value.toFixed(3)} mm in machine coordinates (work offset ${offset.toFixed(3)} mm); the machine goes from ${low} to ${high} mm.`,
        })
      }
      if (value < this.#extents.min[axis as 0 | 1 | 2]) this.#extents.min[axis as 0 | 1 | 2] = value
      if (value > this.#extents.max[axis as 0 | 1 | 2]) this.#extents.max[axis as 0 | 1 | 2] = value
    }
  }
}

function motionOf(tenths: number): ModalState['motion'] {
  switch (tenths) {
    case 0:
      return 'G0'
    case 10:
      return 'G1'
    case 20:
      return 'G2'
    case 30:
      return 'G3'
    case 800:
      return 'G80'
    default:
      return 'G38'
  }
}

function refuse(word: Word | undefined, reason: string): never {
  throw new Refused({ kind: 'grammar', column: word?.column ?? 1, reason })
}
