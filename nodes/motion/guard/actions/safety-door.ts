/** The safety-door byte: the controller brakes, parks as it is set up to, and waits for a resume. */
import { OperationalError } from '../../../../base/errors.ts'
import type { ActionResult } from '../../action.ts'
import type { GuardCore } from '../core.ts'
import { ownLimit } from '../own-timeout.ts'

/** @throws OperationalError `link-down`, `controller-refused` when it does not show the door in time */
export async function openSafetyDoor(core: GuardCore): Promise<ActionResult> {
  const connection = core.connected()
  connection.realtime('safetyDoor')
  // nothing more is fed, and what had several steps takes no further one
  core.wish += 1
  const { wish, starts } = core
  core.setHold({ kind: 'asked', reports: 0 })
  core.poller?.now()
  const limit = ownLimit(core.brakingMs() + 1000)
  try {
    while (!limit.isOver && connection.isOpen) {
      await core.freshReport()
      // a reset takes the door away, and a later wish counts
      if (core.starts !== starts) throw refused('The controller was reset meanwhile, and does not wait at a door. Ask again when it is ready.')
      if (core.wish !== wish) throw refused('A hold, a resume or a stop was asked for meanwhile, and counts instead of the door.')
      const { state, subState } = core.view.status
      if (state === 'door' && (subState === 0 || subState === 1)) return { text: 'The machine stands as with an open door. Resume brings it back.' }
      // grbl 1.1 protocol.c: ignored in these
      if (state === 'alarm' || state === 'check' || state === 'sleep') break
      await new Promise((resolve) => setTimeout(resolve, core.timings.pollWaitingMs))
    }
  } finally {
    limit.end()
  }
  core.connected()
  throw refused('The controller did not show an open door: in an alarm and in check mode it ignores this. Use Hold or Stop.')
}

const refused = (message: string) => new OperationalError({ code: 'controller-refused', message, status: 409 })
