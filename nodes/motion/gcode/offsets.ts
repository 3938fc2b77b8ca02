/** G10, G28, G30, G92: the codes that take the axis words for something else than a move. */
import { type Block, letterBit } from './block.ts'
import { AXIS_COUNT, AXIS_LETTERS, type MachineModel } from './contract.ts'
import type { Course } from './course.ts'
import { type Findings, Refusal } from './findings.ts'
import { codeName, GROUP } from './modal-groups.ts'
import { Slack } from './slack.ts'

/** What of the interpreter these codes need. */
export interface OffsetParts {
  course: Course
  model: MachineModel
  findings: Findings
  /** Letters of the machine's axes, as bits. */
  axisLetters: number
  /** 25.4 in inches. */
  scale: number
  g92: G92Memory
}

const axisValue = (interpreter: OffsetParts, block: Block, axis: number): number | undefined => {
  const letter = AXIS_LETTERS[axis] as string
  if (!(block.letters & letterBit(letter))) return undefined
  return block.value(letter) * (axis < 3 ? interpreter.scale : 1)
}

function eachAxis(interpreter: OffsetParts, block: Block, take: (axis: number, value: number) => void): void {
  for (let axis = 0; axis < interpreter.course.axisCount; axis += 1) {
    const value = axisValue(interpreter, block, axis)
    if (value !== undefined) take(axis, value)
  }
}

/** What G92.3 brings back, and where G92 was last set. */
export interface G92Memory {
  kept: Float64Array
  keptSlack: Slack
  /** Source line; 0 without. */
  line: number
}

export const freshG92 = (): G92Memory => ({ kept: new Float64Array(AXIS_COUNT), keptSlack: new Slack(), line: 0 })

/** Whether a line with G10 or G92 says all that is needed. @throws Refusal */
export function checkOffsetWords({ model, axisLetters }: OffsetParts, block: Block, code: 100 | 920): void {
  const column = block.codeColumn(GROUP.nonModal)
  if (code === 100) {
    // without P, Grbl and its kin mean the work offset in force (gcode.c asks for "none of P and L"); LinuxCNC refuses it
    for (const letter of model.dialect.id === 'linuxcnc' ? 'LP' : 'L')
      if (!block.hasLetter(letter)) throw new Refusal(column, 'word-missing', `G10 needs ${letter}.`)
    const l = block.value('L')
    const p = offsetNumber(block)
    if (l !== 2 && l !== 20) throw new Refusal(block.column('L'), 'word-invalid', 'G10 is understood with L2 and L20 only.')
    const count = model.dialect.workOffsetCount
    if (!Number.isInteger(p) || p > count) throw new Refusal(block.column('P'), 'word-invalid', `G10 needs P0 to P${count}.`)
  }
  if (!(block.letters & axisLetters)) throw new Refusal(column, 'axis-words-missing', `${codeName('G', code)} needs axis words.`)
}

/** The P of a G10; 0 is the work offset in force. */
const offsetNumber = (block: Block) => (block.hasLetter('P') ? block.value('P') : 0)

/** G10 L2 sets a work offset, G10 L20 makes the place it stands at have these coordinates. */
export function setWorkOffset(interpreter: OffsetParts, block: Block): void {
  const { course } = interpreter
  const p = offsetNumber(block)
  const isHere = block.value('L') === 20
  const index = p === 0 ? course.modal.workOffset : p - 1
  const offset = course.workOffsets[index] as Float64Array
  const slack = course.workSlack[index] as Slack
  eachAxis(interpreter, block, (axis, value) => {
    slack.setAxis(axis, 0, 0)
    if (isHere && course.hasSlack) {
      slack.copyAxis(axis, course.slack.position)
      slack.subtractAxis(axis, course.slack.g92)
    }
    const here = (course.position[axis] as number) - (course.g92[axis] as number) - (course.toolLength[axis] as number)
    offset[axis] = isHere ? here - value : value
  })
  course.refreshOffset()
}

/** G28, G30: over the place named, where one is, to the place stored. */
export function goHome(interpreter: OffsetParts, block: Block, code: number): void {
  const { course } = interpreter
  const stored = code === 280 ? course.g28 : course.g30
  const column = block.codeColumn(GROUP.nonModal)
  const hasAxes = (block.letters & interpreter.axisLetters) !== 0
  if (hasAxes) {
    course.stay()
    eachAxis(interpreter, block, (axis, value) => {
      if (course.modal.isIncremental) course.aim(axis, value + (course.position[axis] as number), 'position')
      else course.aim(axis, value + (course.offset[axis] as number), 'offset')
    })
    course.straight('rapid', 0, column)
  }
  course.stay()
  for (let axis = 0; axis < course.axisCount; axis += 1) {
    if (hasAxes && !block.hasLetter(AXIS_LETTERS[axis] as string)) continue
    course.aim(axis, stored[axis] as number, 'machine')
    if (course.hasSlack) course.slack.target.copyAxis(axis, code === 280 ? course.slack.g28 : course.slack.g30)
  }
  course.straight('rapid', 0, column)
}

/** G92 and its company. */
export function setG92(interpreter: OffsetParts, block: Block, code: number): void {
  const { course } = interpreter
  switch (code) {
    case 920: {
      const work = course.workOffsets[course.modal.workOffset] as Float64Array
      eachAxis(interpreter, block, (axis, value) => {
        if (course.hasSlack) {
          course.slack.g92.copyAxis(axis, course.slack.position)
          course.slack.g92.subtractAxis(axis, course.workSlack[course.modal.workOffset] as Slack)
        }
        course.g92[axis] = (course.position[axis] as number) - (work[axis] as number) - (course.toolLength[axis] as number) - value
      })
      interpreter.g92.line = interpreter.findings.line
      interpreter.g92.kept.set(course.g92)
      break
    }
    case 921:
      course.g92.fill(0)
      course.slack.g92.clear()
      interpreter.g92.kept.fill(0)
      interpreter.g92.keptSlack.clear()
      break
    case 922:
      interpreter.g92.kept.set(course.g92)
      interpreter.g92.keptSlack.set(course.slack.g92)
      course.g92.fill(0)
      course.slack.g92.clear()
      break
    default:
      course.g92.set(interpreter.g92.kept)
      course.slack.g92.set(interpreter.g92.keptSlack)
  }
  course.refreshOffset()
}
