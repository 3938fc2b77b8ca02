/** The modal state: what a line sets, and how it is put back when the line turns out not to be taken. */
import { type Block, letterBit } from './block.ts'
import { AXIS_COUNT, AXIS_LETTERS, type MachineModel, type ModalState } from './contract.ts'
import type { Course } from './course.ts'
import { type Findings, Refusal } from './findings.ts'
import type { LineFacts } from './line-facts.ts'
import { GROUP } from './modal-groups.ts'
import { freshModalState } from './modal-state.ts'

const MM_PER_INCH = 25.4

const F = letterBit('F')
const S = letterBit('S')
const T = letterBit('T')

export interface ModeParts {
  course: Course
  model: MachineModel
  findings: Findings
  /** Letters of the machine's axes, as bits. */
  axisLetters: number
}

function copyModal(from: Readonly<ModalState>, to: ModalState): void {
  to.motion = from.motion
  to.plane = from.plane
  to.isInches = from.isInches
  to.isIncremental = from.isIncremental
  to.isArcAbsolute = from.isArcAbsolute
  to.feedMode = from.feedMode
  to.workOffset = from.workOffset
  to.feed = from.feed
  to.spindleRpm = from.spindleRpm
  to.spindle = from.spindle
  to.isFloodOn = from.isFloodOn
  to.isMistOn = from.isMistOn
  to.selectedTool = from.selectedTool
  to.tool = from.tool
  to.returnsToR = from.returnsToR
}

/** Keeps what a line may change before it is known to be good. */
export class ModeKeeper {
  readonly #modal = freshModalState()
  readonly #toolLength = new Float64Array(AXIS_COUNT)

  keep({ modal, toolLength }: Course): void {
    copyModal(modal, this.#modal)
    this.#toolLength.set(toolLength)
  }

  /** The spindle's speed before the line. */
  get spindleRpm(): number {
    return this.#modal.spindleRpm
  }

  putBack(course: Course): void {
    copyModal(this.#modal, course.modal)
    course.toolLength.set(this.#toolLength)
    course.refreshOffset()
  }
}

export const scaleOf = (modal: Readonly<ModalState>): number => (modal.isInches ? MM_PER_INCH : 1)

/** Everything modal in the line. @throws Refusal */
export function setModes(block: Block, facts: LineFacts, parts: ModeParts): void {
  const { modal } = parts.course
  const { letters } = block
  if (block.has(GROUP.units)) {
    modal.isInches = block.code(GROUP.units) === 200
    const unit = modal.isInches ? 'inch' : 'mm'
    parts.course.units = (parts.course.units ?? unit) === unit ? unit : 'both'
  }
  if (block.has(GROUP.feedMode)) {
    const mode = block.code(GROUP.feedMode) as 930 | 940 | 950
    // after a switch the feed is undefined (grbl 1.1 gcode.c, "Set feed rate mode")
    if (mode !== modal.feedMode) modal.feed = 0
    modal.feedMode = mode
  }
  // in inverse time every feed move needs its own F
  if (modal.feedMode === 930) modal.feed = 0
  if (letters & F) {
    modal.feed = modal.feedMode === 930 ? block.value('F') : block.value('F') * scaleOf(modal)
    if (modal.feedMode === 940) checkFeed(modal.feed, block.column('F'), parts)
  }
  if (letters & S) setSpeed(block, parts)
  if (letters & T) setTool(block, parts)
  if (facts.hasMotionWord) modal.motion = facts.motion
  if (block.groups & ~(1 << GROUP.motion)) setRareModes(block, parts)
}

/** Tells a feed above the largest allowed; mm/min. */
export function checkFeed(feed: number, column: number, { model, findings }: Pick<ModeParts, 'model' | 'findings'>): void {
  const most = model.maxFeedMmPerMin
  if (most !== undefined && feed > most)
    findings.error(column, 'feed-too-high', `The feed of ${feed.toFixed(0)} mm/min is above the largest allowed, ${most} mm/min.`)
}

function setSpeed(block: Block, { course, model, findings }: ModeParts): void {
  const rpm = block.value('S')
  const column = block.column('S')
  const limits = model.spindleRpm
  if (limits && rpm > limits.max) findings.error(column, 'spindle-speed', `S${rpm} is above the spindle's largest speed, ${limits.max} rpm.`)
  else if (limits && rpm > 0 && rpm < limits.min)
    findings.warn(column, 'spindle-slow', `S${rpm} is below the spindle's smallest speed, ${limits.min} rpm: it will turn at that speed.`)
  course.modal.spindleRpm = rpm
}

/** grbl 1.1 gcode.c MAX_TOOL_NUMBER; the others have no limit that matters. */
const MOST_TOOL: Partial<Record<string, number>> = { grbl: 255, linuxcnc: 99_999 }

function setTool(block: Block, { course, model }: ModeParts): void {
  const tool = block.value('T')
  const most = MOST_TOOL[model.dialect.id]
  if (most !== undefined && tool > most)
    throw new Refusal(block.column('T'), 'tool-number', `T${tool} is larger than this controller's largest tool number, ${most}.`)
  course.modal.selectedTool = tool
}

function setRareModes(block: Block, parts: ModeParts): void {
  const { course } = parts
  const { modal } = course
  if (block.has(GROUP.plane)) modal.plane = block.code(GROUP.plane)
  if (block.has(GROUP.distance)) modal.isIncremental = block.code(GROUP.distance) === 910
  if (block.has(GROUP.arcDistance)) modal.isArcAbsolute = block.code(GROUP.arcDistance) === 901
  if (block.has(GROUP.retract)) modal.returnsToR = block.code(GROUP.retract) === 990
  if (block.has(GROUP.toolLength)) setToolLength(block, parts)
  if (block.has(GROUP.workOffset)) {
    const code = block.code(GROUP.workOffset)
    modal.workOffset = code <= 590 ? (code - 540) / 10 : code - 591 + 6
  }
  course.refreshOffset()
}

function setToolLength(block: Block, { course, model, findings, axisLetters }: ModeParts): void {
  const column = block.codeColumn(GROUP.toolLength)
  switch (block.code(GROUP.toolLength)) {
    case 490:
      course.toolLength.fill(0)
      return
    case 431: {
      const axes = block.letters & axisLetters
      if (axes === 0) throw new Refusal(column, 'axis-words-missing', 'G43.1 needs axis words.')
      // grbl 1.1 TOOL_LENGTH_OFFSET_AXIS
      if (model.dialect.id === 'grbl' && axes !== letterBit('Z')) throw new Refusal(column, 'axis-words-missing', 'G43.1 needs Z and no other axis.')
      for (let axis = 0; axis < course.axisCount; axis += 1) {
        const letter = AXIS_LETTERS[axis] as string
        if (axes & letterBit(letter)) course.toolLength[axis] = block.value(letter) * (axis < 3 ? scaleOf(course.modal) : 1)
      }
      return
    }
    default: {
      const tool = block.hasLetter('H') ? block.value('H') : course.modal.tool
      const length = model.toolTableMm?.get(tool)
      if (length) course.toolLength.set(Array.from(length).slice(0, course.axisCount))
      else if (model.dialect.id === 'linuxcnc')
        findings.warn(column, 'tool-length-unknown', `The length of tool ${tool} (G43) is not known here: heights are checked with the length in force.`)
      else {
        throw new Refusal(
          column,
          'tool-length-unknown',
          `The length of tool ${tool} (G43) is not known here, so no height could be checked. Use G43.1 with the length.`,
        )
      }
    }
  }
}
