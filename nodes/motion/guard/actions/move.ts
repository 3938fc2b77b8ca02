/** Moves without a program: all of them `$J=`, which can be cancelled and changes no modal state. */
import { OperationalError } from '../../../../base/errors.ts'
import type { ActionResult, AxisValues } from '../../action.ts'
import type { GuardCore } from '../core.ts'
import type { WorkAtHand } from '../lease.ts'
import { notIdle, positionNotTrusted } from '../refusals.ts'
import { type Limits, limitsOf, obstacleOn, refuseObstacle } from '../safe-path.ts'
import { type AxisLetter, axisIndex, checkFeed, decimal, entriesOf, mustBeIdle, placeText, readAgain, send } from './send.ts'

/** Four decimals of an inch are five of a millimetre: a step that is made again and again adds up to what it says. */
const STEP_DIGITS = 5
/** A place is reached when it is reported so near: a step of a coarse axis, inches with four decimals. */
const REACHED_MM = 0.1

/** @throws UserError `position-not-trusted` where it can be made certain: a place means nothing before */
export function mustKnowPlace(core: GuardCore): void {
  const mustBeHomed = core.settings.guarding?.mustBeHomed ?? true
  if (!core.view.isPositionTrusted && core.identity?.settings.hasHoming && mustBeHomed) throw positionNotTrusted()
}

/** One jog move by so much. @throws UserError `outside-envelope`, `stopped`, OperationalError `controller-refused` */
export async function jogBy(core: GuardCore, at: WorkAtHand, { by, feedMmPerMin }: { by: AxisValues; feedMmPerMin: number }): Promise<ActionResult> {
  const { facts } = await mustBeIdle(core, ['idle', 'tool'])
  checkFeed(core, feedMmPerMin)
  const entries = entriesOf(by, facts.axes)
  const from = core.view.status.machinePositionMm
  const target = [...from]
  for (const [letter, value] of entries) {
    const axis = axisIndex(letter, facts.axes)
    target[axis] = (from[axis] ?? 0) + value
  }
  refuseObstacle(obstacleOn(from, target, limitsOf(core.settings)), 'The jog was refused')
  const words = entries.map(([letter, value]) => letter + decimal(value, STEP_DIGITS)).join('')
  await send(core, at, `$J=G91G21${words}F${decimal(feedMmPerMin)}`)
  await arrive(core, at, target)
  return { text: `Jogged by ${placeText(entries)}.` }
}

/**
 * To a place, Z first where it goes up and last where it goes down; over the safe height where a box lies in the way.
 * @throws UserError `outside-envelope`, `position-not-trusted`, `stopped`, OperationalError `controller-refused`
 */
export async function goTo(
  core: GuardCore,
  at: WorkAtHand,
  { to, frame, feedMmPerMin }: { to: AxisValues; frame: 'work' | 'machine'; feedMmPerMin: number },
): Promise<ActionResult> {
  const { facts } = await mustBeIdle(core)
  mustKnowPlace(core)
  checkFeed(core, feedMmPerMin)
  const entries = entriesOf(to, facts.axes)
  // the offset in force, as the controller holds it now
  if (frame === 'work') {
    await readAgain(core, at)
    await mustBeIdle(core)
  }
  const { machinePositionMm: from, workOffsetMm } = core.view.status
  const target = [...from]
  for (const [letter, value] of entries) {
    const axis = axisIndex(letter, facts.axes)
    target[axis] = value + (frame === 'work' ? (workOffsetMm[axis] ?? 0) : 0)
  }
  const way = planWay({ from, to: target, limits: limitsOf(core.settings), safeZMm: core.settings.guarding?.safeZMm })
  for (const place of way) await moveTo(core, at, { to: place, feedMmPerMin })
  return { text: `Moved to ${placeText(entries)} in ${frame} coordinates.` }
}

/**
 * The places to go to, one straight move after the other. Pure.
 * @throws UserError `outside-envelope`
 */
export function planWay({
  from,
  to,
  limits,
  safeZMm,
}: {
  from: readonly number[]
  to: readonly number[]
  limits: Limits
  safeZMm?: number | undefined
}): number[][] {
  const z = 2
  const [zFrom, zTo] = [from[z] ?? 0, to[z] ?? 0]
  const isLevel = zFrom === zTo
  const isPlumb = to.every((value, axis) => axis === z || value === from[axis])
  const withZ = (place: readonly number[], height: number) => place.map((value, axis) => (axis === z ? height : value))
  // never slanting down into something, never along it before it is clear
  const direct = isLevel || isPlumb ? [[...to]] : zTo > zFrom ? [withZ(from, zTo), [...to]] : [withZ(to, zFrom), [...to]]
  const obstacle = firstObstacle(from, direct, limits)
  if (!obstacle) return direct
  if (obstacle.kind === 'keep-out' && safeZMm !== undefined && safeZMm > Math.max(zFrom, zTo)) {
    const over = [withZ(from, safeZMm), withZ(to, safeZMm), [...to]]
    if (!firstObstacle(from, over, limits)) return over
  }
  refuseObstacle(obstacle, 'The move was refused')
  return direct
}

function firstObstacle(from: readonly number[], way: readonly (readonly number[])[], limits: Limits) {
  let at = from
  for (const place of way) {
    const obstacle = obstacleOn(at, place, limits)
    if (obstacle) return obstacle
    at = place
  }
  return undefined
}

/**
 * One straight move to a place in machine coordinates, which was checked. Axes that stay are not named.
 * @throws UserError `stopped`, OperationalError `controller-refused`
 */
export async function moveTo(core: GuardCore, at: WorkAtHand, { to, feedMmPerMin }: { to: readonly number[]; feedMmPerMin: number }): Promise<void> {
  const from = core.view.status.machinePositionMm
  const words = core
    .facts()
    .axes.flatMap((letter, axis) => (Math.abs((to[axis] ?? 0) - (from[axis] ?? 0)) < 0.0005 ? [] : [letter + decimal(to[axis] ?? 0)]))
    .join('')
  if (words === '') return
  await send(core, at, `$J=G53G90G21${words}F${decimal(feedMmPerMin)}`)
  await arrive(core, at, to)
}

/** Waits until it stands, and sees that it stands there. @throws UserError `stopped`, `machine-not-idle`; OperationalError `move-cut-short` */
async function arrive(core: GuardCore, at: WorkAtHand, target: readonly number[]): Promise<void> {
  await standStill(core, at)
  const off = () => core.view.status.machinePositionMm.findIndex((value, axis) => Math.abs(value - (target[axis] ?? value)) > REACHED_MM)
  if (off() < 0) return
  // the report may be one of the last moments of the move
  await standStill(core, at)
  const axis = off()
  if (axis < 0) return
  const letter = core.facts().axes[axis] as AxisLetter | undefined
  throw new OperationalError({
    code: 'move-cut-short',
    message: `The move ended before its place: ${letter ?? 'an axis'} stands at ${decimal(core.view.status.machinePositionMm[axis] ?? 0)} mm in machine coordinates, not at ${decimal(target[axis] ?? 0)}. It was cancelled at the controller, or a limit there cut it short.`,
    status: 409,
  })
}

/** Waits for a report that shows an idle machine. @throws UserError `stopped`, `machine-not-idle` when it came into an alarm */
async function standStill(core: GuardCore, at: WorkAtHand): Promise<void> {
  for (;;) {
    at.check()
    await core.freshReport()
    at.check()
    const { state } = core.view.status
    if (state === 'idle' || state === 'tool') return
    if (state === 'alarm' || state === 'sleep' || state === 'check') throw notIdle(core.view)
    await new Promise((resolve) => setTimeout(resolve, core.timings.pollWaitingMs))
  }
}
