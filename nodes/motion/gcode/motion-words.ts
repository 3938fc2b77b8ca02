/** G0 to G3 and G38: from the words of a line to a move, first worked out, then gone. */
import { arcSweep, centreFromOffsets, centreFromRadius, PLANE_AXES, type PlaneArc, type PlannedArc } from './arc.ts'
import { type Block, letterBit } from './block.ts'
import { AXIS_LETTERS } from './contract.ts'
import type { Course } from './course.ts'
import { type Findings, Refusal } from './findings.ts'
import { axisColumn, type LineFacts, type LineRules } from './line-facts.ts'
import { codeName, GROUP } from './modal-groups.ts'
import { scaleOf } from './modes.ts'
import { numberText } from './output.ts'

const I = letterBit('I')
const J = letterBit('J')
const K = letterBit('K')
const R = letterBit('R')
const P = letterBit('P')
const CENTRE_BITS = [I, J, K] as const
const CENTRE_LETTERS = ['I', 'J', 'K'] as const
const AXIS_BITS = Int32Array.from(AXIS_LETTERS, letterBit)
const AXIS_INDEX = Uint8Array.from(AXIS_LETTERS, (letter) => letter.charCodeAt(0) - 65)

/** A move that is ready to be gone; one object, used for every line. */
export interface MovePlan extends PlannedArc {
  kind: 'none' | 'rapid' | 'feed' | 'arc' | 'probe'
  column: number
  /** mm/min; 0 for a rapid. */
  feed: number
}

export const freshPlan = (): MovePlan => ({ kind: 'none', column: 1, feed: 0, plane: 170, centreA: 0, centreB: 0, radius: 0, sweep: 0 })

export interface MotionParts {
  course: Course
  findings: Findings
  rules: LineRules
}

/** Works the move out; the course's target is set. @throws Refusal */
export function planMove(plan: MovePlan, block: Block, facts: LineFacts, parts: MotionParts): void {
  const { course, rules } = parts
  const { modal } = course
  const { motion, hasAxes } = facts
  const isArc = motion === 20 || motion === 30
  const column = hasAxes ? axisColumn(block, course.axisCount) : facts.hasMotionWord ? block.codeColumn(GROUP.motion) : block.firstColumn()
  plan.kind = 'none'
  plan.column = column
  if (motion !== 0 && modal.feed <= 0)
    throw new Refusal(column, 'feed-missing', modal.feedMode === 930 ? 'With G93 every feed move needs F.' : 'No feed (F) has been set before this move.')
  if (!hasAxes) {
    const isFullCircle = isArc && rules.dialect.id === 'linuxcnc' && (block.letters & (I | J | K)) !== 0
    if (!isFullCircle) {
      if (motion !== 0 && motion !== 10) throw new Refusal(column, 'axis-words-missing', `${codeName('G', motion)} needs axis words.`)
      return
    }
  }
  aim(block, facts.nonModal === 530, course)
  if (isArc) {
    planArc(plan, block, motion === 20, parts)
    return
  }
  if (motion >= 382) {
    const { position, target } = course
    if (target.every((value, axis) => value === position[axis]))
      throw new Refusal(column, 'target-invalid', `${codeName('G', motion)} is to go where it stands.`)
    plan.kind = 'probe'
  } else plan.kind = motion === 0 ? 'rapid' : 'feed'
  plan.feed = motion === 0 ? 0 : pathFeed(course, course.straightLength())
}

/** The centre of a planned arc as words counted from its begin, where the controller does not know G90.1 and the line needs it. */
export function centreWords(plan: MovePlan, block: Block, { course, rules }: Pick<MotionParts, 'course' | 'rules'>): string | undefined {
  if (plan.kind !== 'arc' || !course.modal.isArcAbsolute || rules.dialect.gCodes.has(901) || (block.letters & R) !== 0) return undefined
  const [a, b] = PLANE_AXES[plan.plane] as readonly [0 | 1 | 2, 0 | 1 | 2, number]
  const scale = scaleOf(course.modal)
  const text = (value: number) => numberText(value / scale, scale === 1 ? 4 : 6)
  return `${CENTRE_LETTERS[a]}${text(plan.centreA - (course.position[a] as number))}${CENTRE_LETTERS[b]}${text(plan.centreB - (course.position[b] as number))}`
}

/** Goes it. */
export function goMove(plan: MovePlan, course: Course): void {
  if (plan.kind === 'arc') course.arc(plan, plan.feed, plan.column)
  else if (plan.kind !== 'none') course.straight(plan.kind, plan.feed, plan.column)
}

/** Path feed in mm/min for a move of this length; in G93 the whole move takes 1/F minutes, in G95 F is per turn. */
export function pathFeed({ modal }: Course, lengthMm: number): number {
  if (modal.feedMode === 930) return modal.feed * lengthMm
  if (modal.feedMode === 950) return modal.feed * modal.spindleRpm
  return modal.feed
}

/** Fills the course's target from the axis words. */
function aim(block: Block, isMachine: boolean, course: Course): void {
  const { position, offset, modal, axisCount } = course
  const scale = scaleOf(modal)
  course.stay()
  for (let axis = 0; axis < axisCount; axis += 1) {
    if ((block.letters & (AXIS_BITS[axis] as number)) === 0) continue
    const value = (block.values[AXIS_INDEX[axis] as number] as number) * (axis < 3 ? scale : 1)
    if (isMachine) course.aim(axis, value, 'machine')
    else if (modal.isIncremental) course.aim(axis, value + (position[axis] as number), 'position')
    else course.aim(axis, value + (offset[axis] as number), 'offset')
  }
}

function planArc(plan: MovePlan, block: Block, isClockwise: boolean, { course, findings, rules }: MotionParts): void {
  const { modal, position, target, offset } = course
  const scale = scaleOf(modal)
  const axes = PLANE_AXES[modal.plane] as readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2]
  const [a, b, across] = axes
  const hasRadius = (block.letters & R) !== 0
  const { column } = plan
  if ((block.letters & ((AXIS_BITS[a] as number) | (AXIS_BITS[b] as number))) === 0 && (hasRadius || rules.dialect.id !== 'linuxcnc'))
    throw new Refusal(column, 'axis-words-missing', `An arc in ${codeName('G', modal.plane)} needs ${AXIS_LETTERS[a]} or ${AXIS_LETTERS[b]}.`)
  const arc = { startA: position[a] as number, startB: position[b] as number, endA: target[a] as number, endB: target[b] as number, isClockwise }
  let centre: ReturnType<typeof centreFromRadius>
  if (hasRadius) {
    const radius = block.value('R') * scale
    if (rules.dialect.id !== 'linuxcnc') warnOfHalfCircle(arc, radius, { findings, column: block.column('R') })
    centre = centreFromRadius(arc, radius)
  } else {
    const hasA = (block.letters & CENTRE_BITS[a]) !== 0
    const hasB = (block.letters & CENTRE_BITS[b]) !== 0
    if (!hasA && !hasB)
      throw new Refusal(column, 'arc-centre-missing', `An arc in ${codeName('G', modal.plane)} needs R, ${CENTRE_LETTERS[a]} or ${CENTRE_LETTERS[b]}.`)
    if (modal.isArcAbsolute && !(hasA && hasB))
      throw new Refusal(
        column,
        'arc-centre-missing',
        `An arc in ${codeName('G', modal.plane)} with an absolute centre (G90.1) needs ${CENTRE_LETTERS[a]} and ${CENTRE_LETTERS[b]}.`,
      )
    const valueA = hasA ? (block.values[8 + a] as number) * scale : 0
    const valueB = hasB ? (block.values[8 + b] as number) * scale : 0
    centre = modal.isArcAbsolute
      ? centreFromOffsets(arc, valueA + (offset[a] as number) - arc.startA, valueB + (offset[b] as number) - arc.startB)
      : centreFromOffsets(arc, valueA, valueB)
  }
  if ('problem' in centre) throw new Refusal(hasRadius ? block.column('R') : column, 'arc-impossible', centre.problem)
  let sweep = arcSweep(arc, centre)
  if (mayBeFullCircle(arc, sweep, centre.radius)) {
    findings.warn(
      column,
      'arc-ambiguous',
      'The arc ends so close to its begin that the controller may take it for a full circle. It is checked as one; leave it out, or use a line.',
    )
    sweep += isClockwise ? -2 * Math.PI : 2 * Math.PI
  }
  if (block.letters & P) sweep += turns(block) * (isClockwise ? -1 : 1)
  plan.kind = 'arc'
  plan.plane = modal.plane
  plan.centreA = centre.a
  plan.centreB = centre.b
  plan.radius = centre.radius
  plan.sweep = sweep
  const way = centre.radius * sweep
  const rise = (target[across] as number) - (position[across] as number)
  plan.feed = modal.feedMode === 940 ? modal.feed : pathFeed(course, Math.sqrt(way * way + rise * rise))
}

/** Steps of a single-precision number around 1 (24 bits): Grbl and its kin count in these. */
const SINGLE = 2 ** -23

/** Begin and end are apart, but not for a controller that counts in single precision. */
function mayBeFullCircle(arc: PlaneArc, sweep: number, radius: number): boolean {
  if (sweep > Math.PI || sweep < -Math.PI) return false
  const gap = Math.max(Math.abs(arc.endA - arc.startA), Math.abs(arc.endB - arc.startB))
  return gap > 0 && gap < 8 * SINGLE * Math.max(Math.abs(arc.startA), Math.abs(arc.startB), radius)
}

/** A half circle by its radius: what is exact here may be a hair too far for single precision (grbl 1.1 error 34). */
function warnOfHalfCircle(arc: PlaneArc, radius: number, { findings, column }: { findings: Findings; column: number }): void {
  const single = Math.fround
  const x = single(single(arc.endA) - single(arc.startA))
  const y = single(single(arc.endB) - single(arc.startB))
  const r = single(radius)
  const rest = single(single(single(single(4 * r) * r) - single(x * x)) - single(y * y))
  const exact = 4 * radius * radius - (arc.endA - arc.startA) ** 2 - (arc.endB - arc.startB) ** 2
  if (rest < 0 && exact >= 0)
    findings.warn(
      column,
      'arc-radius-close',
      'The radius only just reaches the end of the arc: a controller that counts in single precision may refuse the line. Use I and J.',
    )
}

/** `P3`: three turns in all, so two more than the arc itself. @returns radians to add */
function turns(block: Block): number {
  const count = block.value('P')
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new Refusal(block.column('P'), 'word-invalid', 'The turns of an arc (P) must be a whole number from 1 to 10000.')
  return (count - 1) * 2 * Math.PI
}
