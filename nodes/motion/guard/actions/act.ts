/** One thing without a program, whatever it is: who may, when, and under what. */
import type { ActionResult, MachineAction } from '../../action.ts'
import { home, sendCommand, unlock } from '../commands.ts'
import type { GuardCore } from '../core.ts'
import type { Asker } from '../holders.ts'
import { mayUse, type WorkAtHand, work } from '../lease.ts'
import type { WorkKind } from '../phase.ts'
import { probe } from '../probing/probe.ts'
import { notIdle } from '../refusals.ts'
import { goTo, jogBy } from './move.ts'
import { clearG92, selectOffset, setHere, setOffset, setToolLength } from './offsets.ts'
import { switchCoolant, turnSpindle } from './outputs.ts'
import { setOverrides } from './override.ts'
import { openSafetyDoor } from './safety-door.ts'

/**
 * Resolves when it is done and the machine stands.
 * @throws UserError `machine-not-idle`, `machine-busy`, `lease-stale`, `interlock-open`, `outside-envelope`, `line-refused`,
 * `too-many-commands`, `not-supported`, `position-not-trusted`, `stopped`; OperationalError `probe-failed`, `homing-failed`,
 * `controller-refused`, `move-cut-short`, `link-down`
 */
export async function act(core: GuardCore, action: MachineAction, asker: Asker): Promise<ActionResult> {
  core.rate.take()
  switch (action.kind) {
    case 'jog':
      return moving(core, action, asker, 'moving', (at) => jogBy(core, at, action))
    case 'go-to':
      return moving(core, action, asker, 'moving', (at) => goTo(core, at, action))
    case 'probe':
      return moving(core, action, asker, 'probing', (at) => probe(core, at, action.probe))
    case 'home':
      await home(core, asker, action.axes)
      return { text: action.axes?.length ? `Homed: ${action.axes.join(', ')}.` : 'Homed.' }
    case 'set-here':
      return doing(core, action, asker, 'setting', (at) => setHere(core, at, action))
    case 'set-offset':
      return doing(core, action, asker, 'setting', (at) => setOffset(core, at, action))
    case 'select-offset':
      return doing(core, action, asker, 'setting', (at) => selectOffset(core, at, action))
    case 'clear-g92':
      return doing(core, action, asker, 'setting', (at) => clearG92(core, at))
    case 'tool-length':
      return doing(core, action, asker, 'setting', (at) => setToolLength(core, at, action))
    case 'spindle':
      return (action.turn === 'off' ? doing : moving)(core, action, asker, 'command', (at) => turnSpindle(core, at, action))
    case 'coolant':
      return doing(core, action, asker, 'command', (at) => switchCoolant(core, at, action))
    case 'override':
      // works on what runs, whoever has the machine: it may only not pretend to a lease that is over
      if (asker.lease !== undefined) mayUse(core, asker.lease)
      note(core, action, asker)
      return setOverrides(core, action)
    case 'tool-is':
      mayUse(core, asker.lease)
      note(core, action, asker)
      core.remembered.setTool(action.tool)
      core.view.changed()
      return { text: action.tool === 0 ? 'No tool is in the spindle.' : `Tool ${action.tool} is in the spindle.` }
    case 'line': {
      const { answer } = await sendCommand(core, action.line, asker)
      return { text: `Sent: ${action.line.trim()}`, answer }
    }
    case 'unlock':
      await unlock(core, asker)
      return { text: 'Unlocked. Nothing moved.' }
    case 'safety-door':
      note(core, action, asker)
      return openSafetyDoor(core)
    case 'reset-parts-count':
      mayUse(core, asker.lease)
      note(core, action, asker)
      core.remembered.setPartsCount(0)
      core.view.changed()
      return { text: 'The parts count is 0.' }
    default:
      return action satisfies never
  }
}

type Doing = (at: WorkAtHand) => Promise<ActionResult>

/** What moves nothing. */
function doing(core: GuardCore, action: MachineAction, asker: Asker, what: WorkKind, act: Doing): Promise<ActionResult> {
  return work(core, { what, ...asker }, (at) => {
    note(core, action, asker)
    return act(at)
  })
}

/** What moves: never with an interlock open, never in an alarm. */
async function moving(core: GuardCore, action: MachineAction, asker: Asker, what: WorkKind, act: Doing): Promise<ActionResult> {
  mayUse(core, asker.lease)
  core.interlocks.mustBeSafe()
  if (core.view.status.state === 'alarm') throw notIdle(core.view)
  return doing(core, action, asker, what, (at) => {
    core.interlocks.mustBeSafe()
    return act(at)
  })
}

function note(core: GuardCore, action: MachineAction, { by, lease }: Asker): void {
  const { kind, ...what } = action
  core.asked({ what: kind, by, text: JSON.stringify(what), lease })
}
