/** Finds out what a controller is, without disturbing one that is still at work. */
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, OperationalError } from '../../../base/errors.ts'
import type { ControllerMessage } from '../grbl/index.ts'
import type { ControllerState } from '../machine.ts'
import type { Connection } from './connection.ts'
import { askNames, type ControllerMemory, type Identity, identify, readMemory } from './controller-setup.ts'
import type { GuardCore } from './core.ts'
import type { MachineView } from './machine-view.ts'
import { ownTimeout } from './own-timeout.ts'
import type { Phase } from './phase.ts'
import { compareWithBackup } from './settings-drift.ts'
import type { GuardTimings } from './timings.ts'

/** `$ES` of grblHAL is some 12 kB. */
const NAMES_MS = 6000

interface Asking {
  connection: Connection
  banners: readonly ControllerMessage[]
  /** How many numbers its last position report held. */
  reportedAxes: number
  /** What was found out before: the names of its codes need not be asked for again. */
  known: Identity | undefined
  timings: GuardTimings
  isCurrent: () => boolean
}

/** Finds out what the controller is; the machine is ready when that is known. */
export function becomeReady(core: GuardCore, connection: Connection): void {
  const phase: Phase = { kind: 'identifying', connection }
  core.phase = phase
  core.view.changed()
  identifyWhenPossible({
    connection,
    banners: core.banners,
    reportedAxes: core.view.status.machinePositionMm.length,
    known: core.identity,
    timings: core.timings,
    view: core.view,
    freshReport: () => core.freshReport(),
    isCurrent: () => core.phase === phase && connection.isOpen,
  }).then(
    (found) => {
      if (!found) return
      core.learn(found.identity, found.memory)
      compareWithBackup(core)
      core.phase = { kind: 'ready', connection }
      core.view.changed()
    },
    (error) => core.view.setNotice('identify', messageOf(error)),
  )
}

/** A setting was written: the limits and rates that are reckoned with may be others now. */
export async function readSettingsAgain(core: GuardCore, connection: Connection): Promise<void> {
  const phase = core.phase
  const isCurrent = () => core.phase === phase && connection.isOpen
  const { banners, timings, identity: known } = core
  const found = await askOnce({ connection, banners, timings, isCurrent, known, reportedAxes: core.view.status.machinePositionMm.length })
  if (!found) return
  core.learn(found.identity, found.memory)
  compareWithBackup(core)
}

/**
 * Asks `$I $$ $# $G` once, within `identifyMs`.
 * @returns undefined when it came too late or the connection is not the present one any more
 */
async function askOnce(asking: Asking): Promise<{ identity: Identity; memory: ControllerMemory } | undefined> {
  const { connection, banners, timings, isCurrent, reportedAxes, known } = asking
  let isLate = false
  const giveUp = () => {
    isLate = true
    // whatever comes now is told from a later answer by its marker
    if (isCurrent()) connection.forget()
  }
  let endWait = ownTimeout(giveUp, timings.identifyMs)
  try {
    const identity = await identify(connection, banners, reportedAxes)
    const memory = await readMemory(connection, identity)
    if (isLate || !isCurrent()) return undefined
    endWait()
    endWait = ownTimeout(giveUp, NAMES_MS)
    const isSame = known?.facts.firmware === identity.facts.firmware && known.facts.optionLetters === identity.facts.optionLetters
    const named = isSame ? known.facts.named : await askNames(connection, identity.facts).catch(() => undefined)
    if (named) identity.facts.named = named
    // names that did not come are no reason to know nothing
    return isCurrent() ? { identity, memory } : undefined
  } finally {
    endWait()
  }
}

const BUSY = 'The controller is busy with what it was sent before.'
const HELD = 'The controller is in hold, with lines in its buffer that run on after Resume. Stop clears them.'

/** What it was found doing, and the way out. */
const FOUND: Record<Exclude<ControllerState, 'unknown' | 'idle' | 'alarm'>, string> = {
  run: BUSY,
  jog: BUSY,
  home: BUSY,
  hold: HELD,
  door: HELD,
  check: 'The controller is in check mode, in which it carries nothing out. Stop resets it, which ends that.',
  sleep: 'The controller sleeps, with its motors off. Stop resets it; home it then.',
  tool: 'The controller waits for a tool change of a program that was sent before. Finish that at the machine, or Stop ends the program.',
}

/**
 * Waits until the controller is idle or in a plain alarm, then asks. In every other state it answers late,
 * with an error, or not at all, and what it runs must not be disturbed.
 * @returns undefined when the connection is not the present one any more
 */
async function identifyWhenPossible(
  options: Asking & { view: MachineView; freshReport: () => Promise<void> },
): Promise<{ identity: Identity; memory: ControllerMemory } | undefined> {
  const { view, freshReport, timings, isCurrent } = options
  const since = performance.now()
  const say = (text: string | undefined) => view.setNotice('identify', text)
  while (isCurrent()) {
    const isAnswered = await Promise.race([freshReport().then(() => true), pause(timings.identifyMs).then(() => false)])
    if (!isCurrent()) return undefined
    if (!isAnswered) {
      if (performance.now() - since > timings.identifyMs * 2)
        say(
          'The controller is connected but does not answer. It may be homing, or locked by an alarm: then Stop resets it. Otherwise check baud rate and cable.',
        )
      continue
    }
    const { state } = view.status
    if (state === 'idle' || state === 'alarm') {
      try {
        const found = await askOnce(options)
        if (found) {
          say(undefined)
          return found
        }
      } catch (error) {
        if (isCurrent()) say(`The controller has not said what it is yet: ${messageOf(error)}`)
        // in a plain alarm it would have answered: what locks it was said before anybody listened
        if (isCurrent() && view.status.state === 'alarm' && error instanceof OperationalError && error.code === 'no-answer') view.presumeLocked()
      }
    } else if (state !== 'unknown') say(`${FOUND[state]} Nothing was sent to it.`)
    if (isCurrent()) await pause(timings.pollWaitingMs)
  }
  return undefined
}
