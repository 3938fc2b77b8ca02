/**
 * A start in mid-program: the state the program has at a line, found by reading everything before it, the way there, and the
 * check of both. Refuses a line whose state is not certain, and names lines near it that are good.
 */
import { toErrorMessage, UserError } from '../../../../base/errors.ts'
import { AXIS_LETTERS, type MachineModel, type ModalState, type ProgramReader, readProgram } from '../../gcode/index.ts'
import { createFlatReader, type FlatLine, placeOf } from '../flat-lines.ts'
import { approach } from './approach.ts'
import type { CheckAnswer, FlatFacts, PlanAnswer, PlannedStart, PlanOrder } from './contract.ts'
import { openProgramFile } from './program-file.ts'
import { checkTail } from './tail.ts'
import { checkWhole } from './whole.ts'

/** Lines around the one asked for that are looked at as others to begin with. */
const NEAR_LINES = 200
/** The second reading begins so far from the first: where both come to the same place, the program says where that is. */
const ASIDE_MM = 7.77
const SAME_MM = 0.001

/** @throws UserError `program-missing`, `program-changed`; what stands against the start is in the answer */
export function planStart(order: PlanOrder): PlanAnswer {
  const { model } = order
  // what comes before the line need not be possible from where the machine stands now
  const free: MachineModel = { ...model, envelopeMm: { min: [], max: [] }, keepOut: [] }
  const check = checkWhole({ ...order, model: free })
  const refused = (refusal: PlanAnswer['refusal']): PlanAnswer => ({ kind: 'plan', check, plan: undefined, refusal })
  if (check.refusal) return refused(check.refusal)
  try {
    const found = findLine(check.flat, model, order.fromLine)
    const there = followTo(check.flat, free, found)
    const plan = planTo(order, found, there)
    const tail = checkTail({
      kind: 'tail',
      path: check.flat.path,
      form: check.flat.form,
      checksums: check.flat.checksums,
      from: plan.place,
      count: check.flat.totalLines - plan.linesBefore,
      model,
      lines: plan.lines.map(({ text }) => text),
      expected: { modal: plan.modal, positionMm: plan.positionMm },
    })
    return tail.refusal ? refused(tail.refusal) : { kind: 'plan', check, plan, refusal: undefined }
  } catch (error) {
    if (error instanceof UserError) return refused(toErrorMessage(error))
    throw error
  }
}

interface Found {
  /** Source line to begin with. */
  number: number
  /** How often source lines near it are run, in one go each. */
  runs: ReadonlyMap<number, number>
}

/** The line asked for, or the next one that holds something to send. */
function findLine(flat: FlatFacts, model: MachineModel, fromLine: number): Found {
  const runs = new Map<number, number>()
  let number = Number.POSITIVE_INFINITY
  let before = 0
  readFlat(flat, model, (line) => {
    const isNear = line.number >= fromLine - NEAR_LINES && line.number <= fromLine + NEAR_LINES
    if (line.number >= fromLine && line.number < number) number = line.number
    if (line.number !== before && (isNear || line.number === number)) runs.set(line.number, (runs.get(line.number) ?? 0) + 1)
    before = line.number
    return true
  })
  if (number !== Number.POSITIVE_INFINITY) return { number, runs }
  throw new UserError({
    code: 'line-not-found',
    message: `The program has no line ${fromLine} that is run, nor one behind it. Choose an earlier line.`,
    status: 404,
    details: { line: fromLine },
  })
}

interface There {
  line: FlatLine
  linesBefore: number
  modal: ModalState
  positionMm: number[]
}

/** Reads the program up to the line. @throws UserError `start-line-unsafe` with `details.goodLines` */
function followTo(flat: FlatFacts, free: MachineModel, { number, runs }: Found): There {
  const shifted: MachineModel = { ...free, positionMm: Array.from(free.positionMm, (value) => value + ASIDE_MM) }
  const [reader, second] = [readProgram(free, {}), readProgram(shifted, {})]
  let there: There | undefined
  let problem: string | undefined
  let goodBefore: number | undefined
  let goodAfter: number | undefined
  let linesBefore = 0
  let previous = 0
  let text = ''
  const feed = () => {
    const bytes = Buffer.from(text, 'latin1')
    text = ''
    reader.add(bytes)
    second.add(bytes)
  }
  readFlat(flat, free, (line) => {
    const isFirst = line.number !== previous
    previous = line.number
    if (Math.abs(line.number - number) <= NEAR_LINES && isFirst) {
      feed()
      const found = whyNot(line, { reader, second, free, runs: runs.get(line.number) ?? 1 })
      if (line.number === number && !there) {
        problem = found
        const { modal, positionMm } = reader.state
        there = { line, linesBefore, modal: { ...modal }, positionMm: [...positionMm] }
        if (!problem) return false
      } else if (!found) {
        if (!there) goodBefore = line.number
        else {
          goodAfter = line.number
          return false
        }
      }
    }
    text += `${line.text}\n`
    if (text.length > 64 * 1024) feed()
    linesBefore += 1
    return true
  })
  if (!there) throw new Error(`line ${number} is not there`)
  if (!problem) return there
  const good = [goodBefore, goodAfter].filter((line) => line !== undefined)
  const others = good.length > 0 ? `Near it, line ${good.join(' or ')} would do.` : 'Choose a line further up, or start the program from its beginning.'
  throw new UserError({
    code: 'start-line-unsafe',
    message: `The program cannot be started at line ${number}: ${problem} ${others}`,
    details: { line: number, reason: problem, goodLines: good },
  })
}

/** Why a line is not one to begin with. */
function whyNot(
  line: FlatLine,
  { reader, second, free, runs }: { reader: ProgramReader; second: ProgramReader; free: MachineModel; runs: number },
): string | undefined {
  if (runs > 1) return `it is run ${runs} times, in a subprogram, a loop or a cycle, and which time is meant cannot be told.`
  const { modal, positionMm, offsetMm } = reader.state
  for (let axis = 0; axis < free.dialect.axisCount; axis += 1) {
    const letter = AXIS_LETTERS[axis]
    const [here, start] = [positionMm[axis] ?? 0, free.positionMm[axis] ?? 0]
    // an axis the program has not moved yet stays where it is
    if (Math.abs(here - (second.state.positionMm[axis] ?? 0)) > SAME_MM && Math.abs(here - start) > SAME_MM)
      return `where ${letter} is then depends on where it was before the program, since nothing before the line says it.`
    const now = (free.workOffsetsMm[modal.workOffset]?.[axis] ?? 0) + (free.g92Mm[axis] ?? 0) + (free.toolLengthMm[axis] ?? 0)
    if (Math.abs((offsetMm[axis] ?? 0) - now) > SAME_MM)
      return `the program changes offsets before it (G92, G10 or tool length), and the ${letter} offset in the controller now is another one.`
  }
  const namesMotion = /G0*(?:[0-3]|38\.\d|8\d|73)(?![\d.])/.test(line.text)
  if (modal.motion >= 730 && modal.motion !== 800 && !/G0*(?:[0-3]|80)(?![\d.])/.test(line.text)) return 'it goes on with a canned cycle that began before it.'
  if (modal.motion >= 382 && modal.motion <= 385 && !namesMotion) return 'it goes on with a probing move that began before it.'
  return undefined
}

function planTo({ model, approach: rules }: PlanOrder, { number }: Found, there: There): PlannedStart {
  const { modal, positionMm, line, linesBefore } = there
  const way = approach({ from: model, to: { modal, positionMm }, rules, axisCount: model.dialect.axisCount })
  const warnings: string[] = []
  const { tool } = model.modal
  if (modal.tool !== tool) warnings.push(`Tool ${modal.tool} must be in the spindle. Known to be in it: tool ${tool}.`)
  else warnings.push(`Tool ${modal.tool} must be in the spindle, with its length measured.`)
  if (modal.spindle === 5) warnings.push('The spindle stands at this line: the program has not switched it on yet.')
  if (rules.isLaser && modal.spindle === 3) warnings.push('The laser is on at a constant power (M3) from the first move on.')
  const isMoving = way.pointsMm.length > 1
  if (isMoving && modal.motion !== 0)
    warnings.push('The line before this one was cutting: the tool goes down at the place where it ended. Look whether the work is as it was left.')
  return {
    line: number,
    text: line.text,
    place: placeOf(line),
    linesBefore,
    lines: way.lines,
    approachMm: way.pointsMm,
    modal,
    positionMm,
    motionWord: way.motionWord,
    warnings,
  }
}

/** Hands over the lines for the controller, until `use` says false or the program ends. */
function readFlat(flat: Pick<CheckAnswer['flat'], 'form' | 'path' | 'totalLines'>, model: MachineModel, use: (line: FlatLine) => boolean): void {
  const file = openProgramFile(flat.path)
  try {
    const reader = createFlatReader({ form: flat.form, maxLineLength: model.dialect.maxLineLength, blockDelete: model.blockDelete === true })
    let left = flat.totalLines
    const take = (lines: FlatLine[]) => {
      for (const line of lines) {
        if (left <= 0) return
        left -= 1
        if (!use(line)) left = 0
      }
    }
    file.read((bytes) => {
      if (left > 0) take(reader.add(bytes))
    })
    if (left > 0) take(reader.end())
  } finally {
    file.close()
  }
}
