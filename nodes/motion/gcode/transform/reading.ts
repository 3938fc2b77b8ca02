/** A program read line by line: each line with its words, the moves and events it makes, and the state behind it. */
import { AXIS_COUNT, type MachineModel, type ModalState, type Motion, type ProgramEvent, type ProgramReader } from '../contract.ts'
import { dialectFor } from '../dialects.ts'
import { isCycle } from '../modal-groups.ts'
import { readProgram } from '../reader.ts'
import { TransformFailed } from './failure.ts'
import { codesOf, parseSourceLine, type SourceLine } from './source-line.ts'

/** A move, kept. */
export type KeptMotion = Omit<Motion, 'from' | 'to' | 'offsetMm'> & { from: number[]; to: number[]; offsetMm: number[] }

/**
 * What the axis words of a line are for: a move in work coordinates, a move to a place of the machine (G53), a move to a
 * stored place (G28, G30), or no move at all.
 */
type LineUse = 'none' | 'work' | 'machine' | 'home'

export interface ReadLine {
  number: number
  source: SourceLine
  use: LineUse
  motions: KeptMotion[]
  /** With the number of moves of this line made before it. */
  events: { event: ProgramEvent; movesBefore: number }[]
  /** What the line is read with: after its own words, before an M2 or M30 sets them back. */
  modal: ModalState
  /** After the line. */
  position: number[]
  /** In force at its move. */
  offset: number[]
  /** Before the line. */
  positionBefore: number[]
  /** Another work offset was chosen, or an offset changed: work coordinates of before mean nothing any more in these axes. */
  frameChange: readonly number[]
  /** Behind the end of the program: never run. */
  isBehindEnd: boolean
  /** Does nothing and is not to be read: a program number. */
  isInert: boolean
}

const ALL_AXES: readonly number[] = [0, 1, 2, 3, 4, 5]
const NO_AXES: readonly number[] = []

/** Where the reading begins: nowhere in particular, so that nothing falls on it by chance. */
const NOWHERE = [-61.803398, -41.421356, -73.20508]

/** Whose rules a program is read by where controllers differ: a tool table (G43), G53 in G91. */
export type Rules = 'linuxcnc' | 'grblhal'

/** A machine without limits that knows every code, and gets everything written out that a plain controller would not take. */
export function neutralModel(rules: Rules = 'linuxcnc'): MachineModel {
  const all = { ...dialectFor('linuxcnc', { axisCount: AXIS_COUNT, changesTools: true }), id: rules }
  const zero = () => new Array<number>(AXIS_COUNT).fill(0)
  return {
    dialect: {
      ...all,
      gCodes: new Set([...all.gCodes].filter((code) => !isCycle(code) && code !== 980 && code !== 990)),
      mCodes: new Set([...all.mCodes].filter((code) => code !== 980 && code !== 990)),
      takes: { parameters: false, subprograms: false, cannedCycles: false, toolChange: true, blockDelete: true, lineNumbers: true },
    },
    modal: {
      motion: 0,
      plane: 170,
      isInches: false,
      isIncremental: false,
      isArcAbsolute: false,
      feedMode: 940,
      workOffset: 0,
      feed: 0,
      spindleRpm: 0,
      spindle: 5,
      isFloodOn: false,
      isMistOn: false,
      selectedTool: 0,
      tool: 0,
      returnsToR: false,
    },
    positionMm: [...NOWHERE, 0, 0, 0],
    workOffsetsMm: Array.from({ length: 9 }, zero),
    g92Mm: zero(),
    toolLengthMm: zero(),
    g28Mm: zero(),
    g30Mm: zero(),
    envelopeMm: { min: [], max: [] },
    keepOut: [],
  }
}

export function keepMotion(motion: Readonly<Motion>): KeptMotion {
  const { kind, line, column, feedMmPerMin, plane, centreA, centreB, radius, sweep, tool, spindle, spindleRpm, workOffset } = motion
  const from = listOf(motion.from)
  const to = listOf(motion.to)
  const offsetMm = listOf(motion.offsetMm)
  return { kind, line, column, from, to, feedMmPerMin, plane, centreA, centreB, radius, sweep, tool, spindle, spindleRpm, workOffset, offsetMm }
}

/** `Array.from` of a typed array takes ten times as long. */
function listOf(values: ArrayLike<number>): number[] {
  return [values[0] as number, values[1] as number, values[2] as number, values[3] as number, values[4] as number, values[5] as number]
}

const encoder = { buffer: new Uint8Array(256) }

/** One byte a character, with a line feed behind it. Good until the next call. */
export function lineBytes(text: string): Uint8Array {
  if (encoder.buffer.length <= text.length) encoder.buffer = new Uint8Array(2 * text.length + 1)
  const { buffer } = encoder
  for (let i = 0; i < text.length; i += 1) buffer[i] = text.charCodeAt(i)
  buffer[text.length] = 10
  return buffer.subarray(0, text.length + 1)
}

export class ProgramReading {
  private readonly reader: ProgramReader
  private motions: KeptMotion[] = []
  private events: ReadLine['events'] = []
  private hasEnded = false
  private hasWords = false
  private workOffset: number
  private modalAfter: ModalState
  private offset: number[]
  private position: number[]

  constructor(model: MachineModel) {
    this.reader = readProgram(model, {
      motion: (motion) => this.motions.push(keepMotion(motion)),
      event: (event) => this.events.push({ event, movesBefore: this.motions.length }),
      finding: ({ severity, line, text }) => {
        if (severity === 'error') throw new TransformFailed(line, `${text} A program with errors is not transformed.`)
      },
    })
    const { state } = this.reader
    this.workOffset = state.modal.workOffset
    this.modalAfter = { ...state.modal }
    this.offset = listOf(state.offsetMm)
    this.position = listOf(state.positionMm)
  }

  /** @throws TransformFailed */
  read(text: string, isInert = false): ReadLine {
    const source = parseSourceLine(text)
    const isBehindEnd = this.hasEnded
    const positionBefore = this.position
    this.motions = []
    this.events = []
    this.reader.add(lineBytes(isInert ? '' : text))
    const { modal, positionMm, offsetMm } = this.reader.state
    const number = this.reader.line
    if (!isBehindEnd && source.isStrange) throw new TransformFailed(number, 'The line holds something that is no G-code word.')
    if (this.events.some(({ event }) => event.kind === 'end') || (source.isTapeMark && this.hasWords)) this.hasEnded = true
    if (source.words.length > 0 && !isInert) this.hasWords = true
    const motion = this.motions.at(-1)
    const wanted = motion?.offsetMm ?? offsetMm
    const offset = sameValues(this.offset, wanted) ? this.offset : listOf(wanted)
    const workOffset = motion?.workOffset ?? modal.workOffset
    const isOtherFrame = workOffset !== this.workOffset || (!isBehindEnd && movesFrame(source))
    const changes = this.offset
    const frameChange = isOtherFrame
      ? ALL_AXES
      : offset !== changes || (!isBehindEnd && setsLength(source))
        ? ALL_AXES.filter((axis) => offset[axis] !== changes[axis] || (axis === 2 && setsLength(source)))
        : NO_AXES
    const modalBefore = this.modalAfter
    // without a G or M word the modes stay; the feed in them is not looked at
    if (source.words.some(({ letter }) => letter === 'G' || letter === 'M' || letter === 'S' || letter === 'T')) this.modalAfter = { ...modal }
    this.offset = sameValues(offset, offsetMm) ? offset : listOf(offsetMm)
    this.workOffset = modal.workOffset
    this.position = this.motions.length > 0 ? listOf(positionMm) : this.position
    return {
      number,
      source,
      use: isBehindEnd ? 'none' : lineUse(source, this.motions.length),
      motions: this.motions,
      events: this.events,
      modal: this.hasEnded && motion ? modalWith(modalBefore, source, workOffset) : this.modalAfter,
      position: this.position,
      offset,
      positionBefore,
      frameChange,
      isBehindEnd,
      isInert,
    }
  }

  get modal(): Readonly<ModalState> {
    return this.reader.state.modal
  }
}

function sameValues(one: readonly number[], other: ArrayLike<number>): boolean {
  for (let axis = 0; axis < one.length; axis += 1) if (one[axis] !== other[axis]) return false
  return true
}

/** G10, G92: their numbers may not be known here, so that the offset seems not to change. */
function movesFrame(source: SourceLine): boolean {
  return codesOf(source, 'G').some((code) => code === 100 || (code >= 920 && code <= 923))
}

/** G43, G43.1, G49: the length of the tool, along Z, which only the machine may know. */
function setsLength(source: SourceLine): boolean {
  return codesOf(source, 'G').some((code) => code === 430 || code === 431 || code === 490)
}

function lineUse(source: SourceLine, motions: number): LineUse {
  if (motions === 0) return 'none'
  const codes = codesOf(source, 'G')
  if (codes.includes(280) || codes.includes(300)) return 'home'
  return codes.includes(530) ? 'machine' : 'work'
}

/** The modes of a line that ends the program: what was in force, and its own words. */
function modalWith(before: ModalState, source: SourceLine, workOffset: number): ModalState {
  const modal: ModalState = { ...before, workOffset }
  for (const code of codesOf(source, 'G')) {
    if ((code <= 30 && code % 10 === 0) || (code >= 382 && code <= 385)) modal.motion = code
    else if (code >= 170 && code <= 190) modal.plane = code
    else if (code === 200 || code === 210) modal.isInches = code === 200
    else if (code === 900 || code === 910) modal.isIncremental = code === 910
    else if (code === 901 || code === 911) modal.isArcAbsolute = code === 901
    else if (code === 930 || code === 940 || code === 950) modal.feedMode = code
  }
  return modal
}
