/** Resume: `~` only from a hold that stands, and again only after reports show that it did not take. */
import { setTimeout as pause } from 'node:timers/promises'
import { OperationalError, UserError } from '../../../base/errors.ts'
import type { ControllerStatus } from '../grbl/index.ts'
import type { Connection } from './connection.ts'
import { ownLimit } from './own-timeout.ts'
import { isBraking, notHeld } from './refusals.ts'

/** Tries before the controller is believed to have its reasons. */
const MAX_TRIES = 5
/** Reports that must still show the hold: the first one may be older than the `~`. */
const REPORTS_PER_TRY = 3

/**
 * @param options.isCurrent no hold or stop was asked for since
 * @throws UserError `not-held`, OperationalError `resume-failed`, `link-down`
 */
export async function resumeMachine(options: {
  connection: Connection
  status: () => ControllerStatus
  freshReport: () => Promise<void>
  isCurrent: () => boolean
  /** How long braking may take. */
  brakingMs: number
  pollMs: number
}): Promise<void> {
  const { connection, status, freshReport, isCurrent, brakingMs, pollMs } = options
  const check = () => {
    if (!isCurrent())
      throw new UserError({ code: 'not-held', message: 'The machine was not resumed, since a hold or stop was asked for meanwhile.', status: 409 })
  }
  const isHeld = () => isResumable(status())
  const limit = ownLimit(brakingMs)
  try {
    await freshReport()
    // `~` at Hold:1 is ignored by the controller
    while (isBraking(status().state, status().subState) && !limit.isOver) {
      check()
      await pause(pollMs)
      await freshReport()
    }
  } finally {
    limit.end()
  }
  check()
  if (!isHeld()) throw notHeld(status())
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    connection.realtime('cycleStart')
    for (let reports = 0; reports < REPORTS_PER_TRY; reports += 1) {
      await freshReport()
      check()
      if (!isHeld()) return
      await pause(pollMs / 2)
      check()
    }
  }
  throw new OperationalError({ code: 'resume-failed', message: 'The controller stays in hold. Look at the machine: a door or a button may keep it there.' })
}

function isResumable({ state, subState }: ControllerStatus): boolean {
  return ((state === 'hold' || state === 'door') && subState === 0) || state === 'tool'
}
