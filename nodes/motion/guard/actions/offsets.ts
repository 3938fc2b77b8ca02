/** Offsets: where the work is, and how long the tool. Nothing moves. */
import { OperationalError } from '../../../../base/errors.ts'
import type { ActionResult, AxisValues, WorkOffsetName } from '../../action.ts'
import type { GuardCore } from '../core.ts'
import type { WorkAtHand } from '../lease.ts'
import { axisIndex, axisWords, decimal, entriesOf, mustBeIdle, offsetNumber, placeText, readAgain, sendChecked } from './send.ts'

/** The place where the tool stands becomes these coordinates. */
export async function setHere(core: GuardCore, at: WorkAtHand, { workOffset, here }: { workOffset: WorkOffsetName; here: AxisValues }): Promise<ActionResult> {
  const { facts } = await mustBeIdle(core)
  await readAgain(core, at)
  const entries = entriesOf(here, facts.axes)
  const { machinePositionMm } = core.view.status
  const { G92, TLO } = core.memory?.offsetsMm ?? {}
  // G10 L20: the offset is what makes this place these coordinates, with G92 and the tool length as they are
  const expected = entries.map(([letter, value]) => {
    const axis = axisIndex(letter, facts.axes)
    return [letter, (machinePositionMm[axis] ?? 0) - value - (G92?.[axis] ?? 0) - (TLO?.[axis] ?? 0)] as const
  })
  await sendChecked(core, at, `G10L20P${offsetNumber(workOffset, core)}${axisWords(entries, core.memory?.words ?? [])}`)
  await readAgain(core, at)
  mustHold(core, workOffset, expected)
  return { text: `Here is ${placeText(entries)} in ${workOffset} now.` }
}

/**
 * The offset itself, in machine coordinates.
 * @throws OperationalError `controller-refused` when it is not taken on, `offset-moved` when it is not where it was expected
 */
export async function setOffset(
  core: GuardCore,
  at: WorkAtHand,
  { workOffset, offsetMm, expectedMm }: { workOffset: WorkOffsetName; offsetMm: AxisValues; expectedMm?: AxisValues },
): Promise<ActionResult> {
  const { facts } = await mustBeIdle(core)
  await readAgain(core, at)
  if (expectedMm) mustStillBe(core, workOffset, entriesOf(expectedMm, facts.axes))
  const entries = entriesOf(offsetMm, facts.axes)
  await sendChecked(core, at, `G10L2P${offsetNumber(workOffset, core)}${axisWords(entries, core.memory?.words ?? [])}`)
  await readAgain(core, at)
  mustHold(core, workOffset, entries)
  return { text: `${workOffset} lies at ${placeText(entries)} in machine coordinates now.` }
}

export async function selectOffset(core: GuardCore, at: WorkAtHand, { workOffset }: { workOffset: WorkOffsetName }): Promise<ActionResult> {
  await mustBeIdle(core)
  await readAgain(core, at)
  offsetNumber(workOffset, core)
  await sendChecked(core, at, workOffset)
  await readAgain(core, at)
  return { text: `${workOffset} is in force.` }
}

export async function clearG92(core: GuardCore, at: WorkAtHand): Promise<ActionResult> {
  await mustBeIdle(core)
  await sendChecked(core, at, 'G92.1')
  await readAgain(core, at)
  return { text: 'G92 is cleared.' }
}

/** @param options.lengthMm null: no tool length */
export async function setToolLength(core: GuardCore, at: WorkAtHand, { lengthMm }: { lengthMm: number | null }): Promise<ActionResult> {
  await mustBeIdle(core)
  await readAgain(core, at)
  await sendChecked(core, at, lengthMm === null ? 'G49' : `G43.1${axisWords([['Z', lengthMm]], core.memory?.words ?? [])}`)
  await readAgain(core, at)
  const held = core.memory?.offsetsMm.TLO?.[2] ?? 0
  if (Math.abs(held - (lengthMm ?? 0)) > TAKEN_ON_MM) throw notTakenOn(`a tool length of ${decimal(lengthMm ?? 0)} mm`, `${decimal(held)} mm`)
  core.remembered.setToolLength(lengthMm ?? undefined)
  return { text: lengthMm === null ? 'No tool length is in force.' : `The tool length is ${decimal(lengthMm)} mm.` }
}

/** Four decimals of an inch, twice. */
const TAKEN_ON_MM = 0.006

function mustHold(core: GuardCore, name: string, expected: readonly (readonly [string, number])[]): void {
  const held = core.memory?.offsetsMm[name]
  for (const [letter, value] of expected) {
    const is = held?.[axisIndex(letter, core.facts().axes)] ?? 0
    if (Math.abs(is - value) > TAKEN_ON_MM) throw notTakenOn(`${name} ${letter} ${decimal(value)} mm`, `${decimal(is)} mm`)
  }
}

function mustStillBe(core: GuardCore, name: string, expected: readonly (readonly [string, number])[]): void {
  for (const [letter, value] of expected) {
    const is = core.memory?.offsetsMm[name]?.[axisIndex(letter, core.facts().axes)] ?? 0
    if (Math.abs(is - value) > TAKEN_ON_MM)
      throw new OperationalError({
        code: 'offset-moved',
        message: `${name} ${letter} is at ${decimal(is)} mm, and no longer at ${decimal(value)} mm, from where this was reckoned: somebody has moved it since. Nothing was set. Reckon it anew.`,
        status: 409,
      })
  }
}

function notTakenOn(wanted: string, is: string): OperationalError {
  return new OperationalError({
    code: 'controller-refused',
    message: `The controller did not take on ${wanted}: it holds ${is}. Look at its offsets before anything moves.`,
    status: 409,
  })
}
