/** Behind a jog cancel: does the controller still read lines? */
import type { Connection } from './connection.ts'
import type { GuardCore } from './core.ts'
import { stop } from './hold-and-stop.ts'
import { ownPause } from './own-timeout.ts'
import { connectionOf } from './phase.ts'

/** An empty line is answered at once by a controller that stands. */
const ANSWER_MS = 400

/**
 * Sends an empty line to an idle controller whose jog was cancelled. One that does not answer is stranded (see
 * `Connection.mayBeStranded`): `~` sets it free. That moves nothing: the cancel has emptied its planner, and in front of the
 * empty line nothing is on its way.
 */
export function freeStranded(core: GuardCore): void {
  const connection = connectionOf(core.phase)
  if (!connection?.mayBeStranded || !mayAsk(core, connection, 0)) return
  connection.isBeingAsked()
  core.isProving = true
  prove(core, connection)
    .catch((error) => core.event('message', `The controller was not asked whether it answers: ${String(error)}`))
    .finally(() => {
      core.isProving = false
    })
}

async function prove(core: GuardCore, connection: Connection): Promise<void> {
  let isHeard = false
  const heard = connection.request('').then(
    () => {
      isHeard = true
    },
    // a reset or a lost link came first
    () => {
      isHeard = true
    },
  )
  await Promise.race([heard, ownPause(ANSWER_MS)])
  if (isHeard) return
  // a report may overtake the line in front of its `?`, another one behind it does not
  await core.freshReport()
  await core.freshReport()
  if (isHeard || connection.dialect !== 'grbl' || !mayAsk(core, connection, 1)) return
  // a line that nobody waits for any more would run
  if (connection.hasForgotten) {
    stop(core, 'the guard, since the controller answers nothing after a jog', false)
    return
  }
  connection.realtime('cycleStart')
  core.poller?.now()
}

/** It stands idle, with so many lines on their way; nothing holds it, and no stop is under way. */
function mayAsk(core: GuardCore, connection: Connection, lines: number): boolean {
  const { kind } = core.phase
  return (
    connectionOf(core.phase) === connection &&
    (kind === 'ready' || kind === 'working' || kind === 'job') &&
    core.view.status.state === 'idle' &&
    core.hold.kind === 'none' &&
    !connection.isAwaitingBanner &&
    connection.outstandingCount === lines
  )
}
