/** Spindle and coolant. */
import { UserError } from '../../../../base/errors.ts'
import type { ActionResult } from '../../action.ts'
import type { GuardCore } from '../core.ts'
import type { WorkAtHand } from '../lease.ts'
import { notSupported } from '../refusals.ts'
import { decimal, mustBeIdle, readAgain, sendChecked } from './send.ts'

export async function turnSpindle(
  core: GuardCore,
  at: WorkAtHand,
  { turn, rpm }: { turn: 'off' | 'cw' | 'ccw'; rpm?: number | undefined },
): Promise<ActionResult> {
  const { settings } = await mustBeIdle(core)
  if (turn === 'off') {
    await sendChecked(core, at, 'M5')
    await readAgain(core, at)
    return { text: 'The spindle is off.' }
  }
  await readAgain(core, at)
  const speed = rpm ?? Number(core.memory?.words.find((word) => /^S\d/.test(word))?.slice(1) ?? 0)
  const range = settings.spindleRpm ?? core.settings.guarding?.spindleRpm
  if (!(speed > 0)) throw badSpeed('A speed is needed: none has been set before.')
  if (range && (speed > range.max || speed < range.min))
    throw badSpeed(`${decimal(speed, 0)} rpm is not possible: this spindle goes from ${decimal(range.min, 0)} to ${decimal(range.max, 0)} rpm.`)
  await sendChecked(core, at, `${turn === 'cw' ? 'M3' : 'M4'}S${decimal(speed, 1)}`)
  await readAgain(core, at)
  return { text: `The spindle turns ${turn === 'cw' ? 'clockwise' : 'counter-clockwise'} at ${decimal(speed, 0)} rpm.` }
}

function badSpeed(message: string): UserError {
  return new UserError({ code: 'line-refused', message: `${message} Nothing was sent.`, details: { reason: 'spindle-speed' } })
}

export async function switchCoolant(
  core: GuardCore,
  at: WorkAtHand,
  { isFloodOn, isMistOn }: { isFloodOn: boolean; isMistOn: boolean },
): Promise<ActionResult> {
  const { facts } = await mustBeIdle(core)
  if (isMistOn && facts.dialect === 'grbl' && !facts.optionLetters.includes('M'))
    throw notSupported('This controller has no mist coolant (its firmware was built without M7).')
  // grbl 1.1: M7 and M8 add to each other, and only M9 takes away; two of them in one line are refused
  await sendChecked(core, at, 'M9')
  if (isFloodOn) await sendChecked(core, at, 'M8')
  if (isMistOn) await sendChecked(core, at, 'M7')
  await readAgain(core, at)
  const on = [isFloodOn ? 'flood' : '', isMistOn ? 'mist' : ''].filter(Boolean)
  return { text: on.length ? `Coolant is on: ${on.join(' and ')}.` : 'Coolant is off.' }
}
