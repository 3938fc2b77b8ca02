/**
 * One line of G-code to one checked block: which commands, which values, every one of GRBL's errors in
 * GRBL's order (grbl 1.1: gcode.c, NIST RS274/NGC modal groups). Changes nothing: what a block does is in
 * execute-block.ts.
 */
import { arcFromOffsets, arcFromRadius, type PlaneAxes } from './arc.ts'
import { ERROR, LineError } from './errors.ts'
import { MM_PER_INCH, type Modal, type MotionMode, type ParserState } from './modal.ts'
import type { Personality } from './personality.ts'
import { coordinateIndex, G28_INDEX, G30_INDEX } from './settings.ts'
import { AXES, AXIS_LETTERS, type Axis, eachAxis, sameVector, type Vector, zero } from './vector.ts'
import { readWords } from './words.ts'

const MAX_LINE_NUMBER = 10_000_000
const MAX_TOOL = 255
const WORK_OFFSETS = 6

/** What a line does besides setting modes, with everything it needs worked out in machine millimetres. */
type Action =
  | { kind: 'none' }
  | { kind: 'move'; target: Vector; isRapid: boolean }
  | { kind: 'arc'; target: Vector; offset: Vector; radius: number; isClockwise: boolean; axes: PlaneAxes }
  | { kind: 'probe'; target: Vector; isAway: boolean; mayMiss: boolean }
  | { kind: 'go-home'; via: Vector | null; target: Vector }

/** Commands of the non-modal group that do something of their own. */
type NonModal =
  | { kind: 'none' }
  | { kind: 'dwell'; seconds: number }
  | { kind: 'store-coordinates'; index: number; value: Vector }
  | { kind: 'store-home'; index: number }
  | { kind: 'shift'; value: Vector }

export interface Block {
  modal: Modal
  isJog: boolean
  feed: number
  spindleRpm: number
  tool: number
  lineNumber: number
  hasAxisMotion: boolean
  toolLength: number | null
  /** New active work offset when G54..G59 is in the line and differs. */
  workOffset: Vector | null
  nonModal: NonModal
  action: Action
  flow: 'none' | 'pause' | 'end'
  /** M6 */
  isToolChange: boolean
  /** M61: this tool is in the spindle. */
  toolInSpindle: number | null
}

/** What the build of the firmware reads. */
export interface Reading {
  personality: Personality
  axisCount: number
}

type Group = 'G0' | 'G1' | 'G2' | 'G3' | 'G4' | 'G5' | 'G6' | 'G7' | 'G8' | 'G10' | 'G11' | 'G12' | 'G13' | 'G14' | 'M4' | 'M6' | 'M7' | 'M8'
type AxisCommand = 'none' | 'non-modal' | 'motion' | 'tool-length'
type NonModalCode = 0 | 4 | 10 | 28 | 28.1 | 30 | 30.1 | 53 | 92 | 92.1

/** The words of a line, sorted, before anything is worked out from them. */
interface Draft {
  modal: Modal
  groups: Set<Group>
  nonModal: NonModalCode
  axisCommand: AxisCommand
  flow: Block['flow']
  isToolChange: boolean
  setsTool: boolean
  values: Map<string, number>
}

const fail = (code: (typeof ERROR)[keyof typeof ERROR]): never => {
  throw new LineError(code)
}

function takeG(draft: Draft, code: number, hundredths: number, { name, hasManyOffsets }: Personality): Group {
  const { modal } = draft
  const claimAxes = (command: AxisCommand) => {
    if (draft.axisCommand !== 'none') fail(ERROR.twoAxisCommands)
    draft.axisCommand = command
  }
  const plain = (group: Group): Group => (hundredths ? fail(ERROR.needsInteger) : group)
  switch (code) {
    case 10:
    case 28:
    case 30:
    case 92:
      if (hundredths === 0) claimAxes('non-modal')
      else if (code !== 10 && hundredths !== 10) fail(ERROR.unsupported)
      draft.nonModal = (code + (code === 10 ? 0 : hundredths / 100)) as NonModalCode
      return code === 10 ? plain('G0') : 'G0'
    case 4:
    case 53:
      draft.nonModal = code
      return plain('G0')
    case 0:
    case 1:
    case 2:
    case 3:
      claimAxes('motion')
      modal.motion = code
      return plain('G1')
    case 38:
      claimAxes('motion')
      if (![20, 30, 40, 50].includes(hundredths)) fail(ERROR.unsupported)
      modal.motion = (38 + hundredths / 100) as MotionMode
      return 'G1'
    case 80:
      modal.motion = 80
      return plain('G1')
    case 17:
    case 18:
    case 19:
      modal.plane = code
      return plain('G2')
    case 90:
    case 91:
      // G91.1 is how arcs are read anyway; G90.1 is not supported
      if (hundredths) return code === 91 && hundredths === 10 ? 'G4' : fail(ERROR.unsupported)
      modal.distance = code
      return 'G3'
    case 93:
    case 94:
      modal.feedMode = code
      return plain('G5')
    case 20:
    case 21:
      modal.units = code
      return plain('G6')
    case 40:
      return plain('G7')
    case 43:
    case 49:
      claimAxes('tool-length')
      if (code === 43 && hundredths !== 10) fail(ERROR.unsupported)
      modal.hasToolLength = code === 43
      return 'G8'
    case 54:
    case 55:
    case 56:
    case 57:
    case 58:
    case 59:
      if (code === 59 && hasManyOffsets && [10, 20, 30].includes(hundredths)) {
        modal.coordinateSystem = 5 + hundredths / 10
        return 'G12'
      }
      modal.coordinateSystem = code - 54
      return plain('G12')
    case 50:
      return name === 'grblhal' ? plain('G11') : fail(ERROR.unsupported)
    case 97:
      return name === 'grblhal' ? plain('G14') : fail(ERROR.unsupported)
    case 98:
    case 99:
      return name === 'grblhal' ? plain('G10') : fail(ERROR.unsupported)
    case 61:
      return hundredths ? fail(ERROR.unsupported) : 'G13'
    default:
      return fail(ERROR.unsupported)
  }
}

function takeM(draft: Draft, code: number, { hasToolState, name }: Personality): Group {
  const { modal } = draft
  switch (code) {
    case 6:
      // FluidNC has no state for it: the code is taken and nothing happens without an ATC
      if (!hasToolState && name !== 'fluidnc') fail(ERROR.unsupported)
      draft.isToolChange = hasToolState
      return 'M6'
    case 61:
      if (name === 'grbl') fail(ERROR.unsupported)
      draft.setsTool = true
      return 'M6'
    case 0:
      draft.flow = 'pause'
      return 'M4'
    case 1:
      // no optional stop switch: nothing happens
      return 'M4'
    case 2:
    case 30:
      draft.flow = 'end'
      return 'M4'
    case 3:
    case 4:
    case 5:
      modal.spindle = code
      return 'M7'
    case 7:
      modal.coolant.hasMist = true
      return 'M8'
    case 8:
      modal.coolant.hasFlood = true
      return 'M8'
    case 9:
      modal.coolant = { hasMist: false, hasFlood: false }
      return 'M8'
    default:
      return fail(ERROR.unsupported)
  }
}

const VALUE_LETTERS = 'FIJKLNPRSTXYZ'
const NEVER_NEGATIVE = 'FNPTS'

function sortWords(text: string, modal: Modal, { personality, axisCount }: Reading): Draft {
  const letters = `${VALUE_LETTERS}${'ABC'.slice(0, axisCount - 3)}${personality.name === 'grbl' ? '' : 'Q'}`
  const draft: Draft = { modal, groups: new Set(), nonModal: 0, axisCommand: 'none', flow: 'none', isToolChange: false, setsTool: false, values: new Map() }
  for (const { letter, value } of readWords(text)) {
    const whole = Math.trunc(value)
    const hundredths = Math.round(100 * (value - whole))
    if (letter === 'G' || letter === 'M') {
      if (letter === 'M' && hundredths > 0) fail(ERROR.needsInteger)
      const code = value < 0 ? Number.NaN : whole
      const group = letter === 'G' ? takeG(draft, code, hundredths, personality) : takeM(draft, code, personality)
      if (draft.groups.has(group)) fail(ERROR.modalGroup)
      draft.groups.add(group)
      continue
    }
    if (!letters.includes(letter)) fail(ERROR.unsupported)
    if (letter === 'T' && value > (personality.name === 'grbl' ? MAX_TOOL : MAX_LINE_NUMBER)) fail(ERROR.toolTooBig)
    if (draft.values.has(letter)) fail(ERROR.wordRepeated)
    if (NEVER_NEGATIVE.includes(letter) && value < 0) fail(ERROR.negativeValue)
    draft.values.set(letter, value)
  }
  return draft
}

function feedOf(draft: Draft, state: ParserState, isJog: boolean): number {
  const { values, modal } = draft
  const word = values.get('F')
  const inMm = (feed: number) => (modal.units === 20 ? feed * MM_PER_INCH : feed)
  if (isJog) return word === undefined ? fail(ERROR.noFeed) : inMm(word)
  if (modal.feedMode === 93) {
    const needsFeed = draft.axisCommand === 'motion' && modal.motion !== 80 && modal.motion !== 0
    if (needsFeed && word === undefined) fail(ERROR.noFeed)
    return word ?? 0
  }
  // the line that goes back from G93 has no feed to inherit; GRBL also leaves its F unconverted
  if (state.modal.feedMode === 93) return word ?? 0
  return word === undefined ? state.feed : inMm(word)
}

function planeAxes(plane: Modal['plane']): PlaneAxes {
  switch (plane) {
    case 17:
      return { first: 0, second: 1, linear: 2 }
    case 18:
      return { first: 2, second: 0, linear: 1 }
    case 19:
      return { first: 1, second: 2, linear: 0 }
  }
}

/**
 * Reads one line.
 *
 * @param options.text the line without `$J=`, spaces and comments
 * @param options.coordinates G54..G59, G28, G30 as stored
 * @throws LineError with the number GRBL answers
 */
export function readBlock(options: { text: string; state: ParserState; coordinates: readonly Vector[]; isJog: boolean; reading: Reading }): Block {
  const { text, state, coordinates, isJog, reading } = options
  const isGrbl = reading.personality.name === 'grbl'
  const modal: Modal = { ...state.modal, coolant: { ...state.modal.coolant } }
  if (isJog) {
    modal.motion = 1
    modal.feedMode = 94
  }
  const draft = sortWords(text, modal, reading)
  const { values, groups, nonModal } = draft
  const stored = (index: number): Vector => coordinates[index] ?? zero()
  const used = new Set(['N', 'F', ...(isJog ? [] : ['S', 'T'])])

  const axisWords = AXES.filter((axis) => values.has(AXIS_LETTERS[axis]))
  if (axisWords.length && draft.axisCommand === 'none') draft.axisCommand = 'motion'
  const lineNumber = Math.trunc(values.get('N') ?? 0)
  if (lineNumber > MAX_LINE_NUMBER) fail(ERROR.badLineNumber)
  const feed = feedOf(draft, state, isJog)

  const dwellSeconds = values.get('P')
  if (nonModal === 4) {
    if (dwellSeconds === undefined) fail(ERROR.valueMissing)
    used.add('P')
  }

  const toMm = modal.units === 20 ? MM_PER_INCH : 1
  // degrees are no inches
  const word = (axis: Axis) => (values.get(AXIS_LETTERS[axis]) ?? 0) * (axis > 2 ? 1 : toMm)
  const has = (axis: Axis) => axisWords.includes(axis)

  let toolLength: number | null = null
  if (draft.axisCommand === 'tool-length') {
    if (modal.hasToolLength && (axisWords.length !== 1 || !has(2))) fail(ERROR.wrongToolLengthAxis)
    toolLength = modal.hasToolLength ? word(2) : 0
  }

  const changesOffset = groups.has('G12') && modal.coordinateSystem !== state.modal.coordinateSystem
  const workOffset: Vector = changesOffset ? [...stored(coordinateIndex(modal.coordinateSystem))] : state.workOffset
  const toolLengthOn = (axis: Axis) => (axis === 2 ? state.toolLength : 0)

  let effect: NonModal = nonModal === 4 ? { kind: 'dwell', seconds: dwellSeconds ?? 0 } : { kind: 'none' }
  let target: Vector = state.position
  if (nonModal === 10) {
    effect = readStoreCoordinates({ draft, state, stored, axisWords, word, systems: reading.personality.hasManyOffsets ? 9 : WORK_OFFSETS })
    used.add('P').add('L')
  } else if (nonModal === 92) {
    if (!axisWords.length) fail(ERROR.noAxisWords)
    // WPos = MPos - offset - shift - tool length
    const value = eachAxis((axis) => (has(axis) ? state.position[axis] - workOffset[axis] - word(axis) - toolLengthOn(axis) : state.shift[axis]))
    effect = { kind: 'shift', value }
  } else {
    if (nonModal === 92.1) effect = { kind: 'shift', value: zero() }
    if (draft.axisCommand !== 'tool-length')
      target = eachAxis((axis) => {
        if (!has(axis)) return state.position[axis]
        if (nonModal === 53) return word(axis)
        if (modal.distance === 91) return state.position[axis] + word(axis)
        return word(axis) + workOffset[axis] + state.shift[axis] + toolLengthOn(axis)
      })
    if (nonModal === 28.1) effect = { kind: 'store-home', index: G28_INDEX }
    if (nonModal === 30.1) effect = { kind: 'store-home', index: G30_INDEX }
    if (nonModal === 53 && modal.motion !== 0 && modal.motion !== 1) fail(ERROR.g53NeedsLine)
  }

  let action: Action = { kind: 'none' }
  if (nonModal === 28 || nonModal === 30) {
    const home = stored(nonModal === 28 ? G28_INDEX : G30_INDEX)
    if (axisWords.length) action = { kind: 'go-home', via: target, target: eachAxis((axis) => (has(axis) ? home[axis] : state.position[axis])) }
    else {
      action = { kind: 'go-home', via: null, target: [...home] }
      draft.axisCommand = 'none'
    }
  }

  if (modal.motion === 80) {
    if (axisWords.length) fail(ERROR.axisWordsUnused)
  } else if (draft.axisCommand === 'motion') {
    action = readMotion({ draft, state, target, feed, axisWords, toMm, used })
    if (action.kind === 'none') draft.axisCommand = 'none'
  }

  if (draft.axisCommand !== 'none') for (const letter of AXIS_LETTERS) used.add(letter)
  if (draft.setsTool) {
    if (!values.has('Q')) fail(ERROR.valueMissing)
    used.add('Q')
  }
  for (const letter of values.keys()) if (!used.has(letter)) fail(ERROR.unusedWords)

  if (isJog) {
    const allowed: Group[] = ['G0', 'G3', 'G6']
    if ([...groups].some((group) => !allowed.includes(group))) fail(ERROR.badJog)
    if (nonModal !== 53 && nonModal !== 0) fail(ERROR.badJog)
  }

  return {
    modal,
    isJog,
    feed,
    spindleRpm: values.get('S') ?? state.spindleRpm,
    // in GRBL a line without T sets the tool back to 0 (gcode.c step 4.5)
    tool: Math.trunc(values.get('T') ?? (isGrbl ? 0 : state.nextTool)),
    lineNumber,
    hasAxisMotion: axisWords.length > 0 && draft.axisCommand === 'motion',
    toolLength,
    workOffset: changesOffset ? workOffset : null,
    nonModal: effect,
    action,
    flow: draft.flow,
    isToolChange: draft.isToolChange,
    toolInSpindle: draft.setsTool ? Math.trunc(values.get('Q') ?? 0) : null,
  }
}

function readStoreCoordinates(options: {
  draft: Draft
  state: ParserState
  stored: (index: number) => Vector
  axisWords: Axis[]
  word: (axis: Axis) => number
  /** How many there are. */
  systems: number
}): NonModal {
  const { draft, state, stored, axisWords, word, systems } = options
  const { values, modal } = draft
  if (!axisWords.length) fail(ERROR.noAxisWords)
  // only both missing is an error of its own: the check in gcode.c asks for "none of P and L"
  if (!values.has('P') && !values.has('L')) fail(ERROR.valueMissing)
  const chosen = Math.trunc(values.get('P') ?? 0)
  if (chosen > systems) fail(ERROR.unsupportedCoordinates)
  const how = Math.trunc(values.get('L') ?? 0)
  if (how !== 2 && how !== 20) fail(ERROR.unsupported)
  if (how === 2 && values.has('R')) fail(ERROR.unsupported)
  const index = coordinateIndex(chosen > 0 ? chosen - 1 : modal.coordinateSystem)
  const before = stored(index)
  const value = eachAxis((axis) => {
    if (!axisWords.includes(axis)) return before[axis]
    if (how === 2) return word(axis)
    return state.position[axis] - state.shift[axis] - word(axis) - (axis === 2 ? state.toolLength : 0)
  })
  return { kind: 'store-coordinates', index, value }
}

function readMotion(options: { draft: Draft; state: ParserState; target: Vector; feed: number; axisWords: Axis[]; toMm: number; used: Set<string> }): Action {
  const { draft, state, target, feed, axisWords, toMm, used } = options
  const { modal, values } = draft
  const { motion } = modal
  if (motion === 80) return { kind: 'none' }
  if (motion === 0) return axisWords.length ? { kind: 'move', target, isRapid: true } : { kind: 'none' }
  if (feed === 0) fail(ERROR.noFeed)
  switch (motion) {
    case 1:
      return axisWords.length ? { kind: 'move', target, isRapid: false } : { kind: 'none' }
    case 2:
    case 3: {
      if (!axisWords.length) fail(ERROR.noAxisWords)
      const axes = planeAxes(modal.plane)
      if (!axisWords.includes(axes.first) && !axisWords.includes(axes.second)) fail(ERROR.arcWithoutAxes)
      const isClockwise = motion === 2
      const radiusWord = values.get('R')
      if (radiusWord !== undefined) {
        used.add('R')
        const arc = arcFromRadius({ from: state.position, target, radius: radiusWord * toMm, isClockwise, axes })
        return { kind: 'arc', target, isClockwise, axes, ...arc }
      }
      const offsetLetters = ['I', 'J', 'K'] as const
      if (!values.has(offsetLetters[axes.first]) && !values.has(offsetLetters[axes.second])) fail(ERROR.arcWithoutOffsets)
      for (const letter of offsetLetters) used.add(letter)
      const offset = eachAxis((axis) => (axis > 2 ? 0 : (values.get(offsetLetters[axis as 0 | 1 | 2]) ?? 0) * toMm))
      const arc = arcFromOffsets({ from: state.position, target, offset, axes })
      return { kind: 'arc', target, isClockwise, axes, ...arc }
    }
    default:
      if (!axisWords.length) fail(ERROR.noAxisWords)
      if (sameVector(target, state.position)) fail(ERROR.badTarget)
      return { kind: 'probe', target, isAway: motion === 38.4 || motion === 38.5, mayMiss: motion === 38.3 || motion === 38.5 }
  }
}
