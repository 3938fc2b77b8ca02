/** What every action needs: an idle machine, one checked line, its answer, and the state read again. */
import { OperationalError, UserError } from '../../../../base/errors.ts'
import type { AxisValues, WorkOffsetName } from '../../action.ts'
import type { ControllerState } from '../../machine.ts'
import { checkCommand, readCommand } from '../command-line.ts'
import type { RequestAnswer } from '../connection.ts'
import type { Identity } from '../controller-setup.ts'
import type { GuardCore } from '../core.ts'
import { isSamePlace } from '../job/snapshot.ts'
import type { WorkAtHand } from '../lease.ts'
import { notIdle, notSupported } from '../refusals.ts'

const AXIS_LETTERS = ['X', 'Y', 'Z', 'A', 'B', 'C'] as const
export type AxisLetter = (typeof AXIS_LETTERS)[number]

/** A machine that stands says the same place again and again. */
const MOST_LOOKS = 5

/**
 * @param states grblHAL takes jogs in the middle of its tool change, too
 * @throws UserError `machine-not-idle` by a report that is newer than this call, and says the same place as the one before it: what
 * is reckoned from a place must not rest on a single report, which may have been spoilt on the way
 */
export async function mustBeIdle(core: GuardCore, states: readonly ControllerState[] = ['idle']): Promise<Identity> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const before = core.view.status.machinePositionMm
    await core.freshReport()
    if (!states.includes(core.view.status.state)) throw notIdle(core.view)
    if (isSamePlace(before, core.view.status.machinePositionMm)) return core.identified()
  }
  throw notIdle(core.view, 'It says another place each time it is asked. Look at its cable.')
}

/**
 * Sends one line after the same check as a program's, and waits for its answer.
 * @throws UserError `line-refused`, `outside-envelope`, `stopped`; OperationalError `controller-refused`
 */
export async function sendChecked(core: GuardCore, at: WorkAtHand, text: string): Promise<void> {
  const command = readCommand(text, core.identified().facts.maxLineLength)
  if (command.kind !== 'gcode') throw new Error(`${text} is not G-code`)
  for (const line of checkCommand(command, await core.machineModel(at.connection)).lines) await send(core, at, line)
}

/** Sends one line that was checked. @throws UserError `stopped`; OperationalError `controller-refused` */
export async function send(core: GuardCore, at: WorkAtHand, text: string): Promise<RequestAnswer> {
  at.check()
  const answer = await at.connection.request(text)
  if (!answer.isOk) throw refused(text, core.answerText(answer))
  return answer
}

export function refused(text: string, why: string): OperationalError {
  return new OperationalError({ code: 'controller-refused', message: `The controller refused ${text}: ${why}`, status: 409 })
}

/** Reads offsets and modal state again, and the place in them. */
export async function readAgain(core: GuardCore, at: WorkAtHand): Promise<void> {
  await core.readMemory(at.connection, core.identified())
  await core.freshReport()
}

/** `12.5`, never `-0` or `1e-7`. */
export function decimal(value: number, digits = 3): string {
  const text = value.toFixed(digits)
  const short = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  return short === '-0' ? '0' : short
}

/** The axes named, in the controller's order. @throws UserError `not-supported` for one it does not have */
export function entriesOf(values: AxisValues, axes: readonly string[]): [AxisLetter, number][] {
  const entries: [AxisLetter, number][] = []
  for (const letter of AXIS_LETTERS) {
    const value = values[letter]
    if (value === undefined) continue
    if (!axes.includes(letter)) throw notSupported(`This machine has no axis ${letter}; it has ${axes.join(', ')}.`)
    entries.push([letter, value])
  }
  return entries
}

/**
 * Axis words in the units that are in force: `G10`, `G43.1` and the like take them so.
 * @param words of `[GC:…]`
 */
export function axisWords(entries: readonly (readonly [AxisLetter, number])[], words: readonly string[]): string {
  const isInches = words.includes('G20')
  return entries.map(([letter, value]) => letter + (isInches && 'XYZ'.includes(letter) ? decimal(value / 25.4, 5) : decimal(value))).join('')
}

/** `X 10 Y -2.5 mm` */
export function placeText(entries: readonly (readonly [string, number])[]): string {
  return `${entries.map(([letter, value]) => `${letter} ${decimal(value)}`).join(', ')} mm`
}

/** Where the axis stands in reports. */
export function axisIndex(letter: string, axes: readonly string[]): number {
  return axes.indexOf(letter)
}

/** P of `G10`. @throws UserError `not-supported` where the controller does not keep this offset */
export function offsetNumber(name: WorkOffsetName, core: GuardCore): number {
  const number = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3'].indexOf(name) + 1
  if (core.memory && !(name in core.memory.offsetsMm)) throw notSupported(`This controller does not keep ${name}. Use G54 to G59.`)
  return number
}

/** @throws UserError `line-refused` above the machine's own limit */
export function checkFeed(core: GuardCore, feedMmPerMin: number): void {
  const limit = core.settings.guarding?.maxFeedMmPerMin
  if (limit === undefined || feedMmPerMin <= limit) return
  throw new UserError({
    code: 'line-refused',
    message: `A feed of ${decimal(feedMmPerMin)} mm/min is more than this machine is allowed (${decimal(limit)}). Nothing was sent.`,
    details: { reason: 'feed-too-high' },
  })
}
