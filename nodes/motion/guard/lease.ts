/** Who has the machine: it is given to one job or one piece of work at a time. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Connection, linkDown } from './connection.ts'
import type { GuardCore } from './core.ts'
import { connectionOf, type Phase } from './phase.ts'
import { beforeStart, busy, notIdle } from './refusals.ts'

/** Gives the machine to one piece of work, and takes it back however that ends. */
export async function work<T>(core: GuardCore, what: 'command' | 'homing' | 'unlocking', act: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await freeSoon(core)
  const phase: Phase = { kind: 'working', connection, what }
  core.phase = phase
  core.view.changed()
  try {
    return await act(connection)
  } finally {
    if (core.phase === phase) {
      core.phase = { kind: 'ready', connection }
      core.poller?.now()
      core.view.changed()
    }
  }
}

/**
 * The connection of a machine that nobody uses; waits a moment for a controller that is just being asked what it is.
 * @throws UserError `machine-busy`, `machine-not-idle`, `stopped-before-start`, OperationalError `link-down`
 */
export async function freeSoon(core: GuardCore): Promise<Connection> {
  const wish = core.wish
  const giveUpAt = performance.now() + core.timings.identifyMs
  const isQuiet = () => ['idle', 'alarm', 'unknown'].includes(core.view.status.state)
  while (core.phase.kind === 'identifying' && isQuiet() && performance.now() < giveUpAt) await pause(10)
  if (core.wish !== wish) throw beforeStart('A hold or stop was asked for meanwhile')
  return free(core)
}

function free(core: GuardCore): Connection {
  const phase = core.phase
  switch (phase.kind) {
    case 'ready':
      if (!phase.connection.isOpen) throw linkDown()
      return phase.connection
    case 'identifying':
      throw notIdle(core.view, 'The controller has not said what it is yet.')
    case 'working':
    case 'job':
    case 'stopping':
      throw busy(phase)
    case 'connecting':
    case 'waiting-for-person':
    case 'closed':
      throw linkDown()
    default:
      return phase satisfies never
  }
}

/** @throws UserError `machine-busy`, `machine-not-idle` unless the machine stands without a job */
export function mustBeQuiet(core: GuardCore): void {
  if (core.hasJob || core.phase.kind === 'working') throw busy(core.phase)
  if (connectionOf(core.phase) && core.view.status.state !== 'unknown' && !core.isStanding) throw notIdle(core.view)
}
