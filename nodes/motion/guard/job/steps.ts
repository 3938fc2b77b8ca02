/** Lines the guard itself sends while a program is interrupted: checked, one at a time, each answered before the next. */
import { setTimeout as pause } from 'node:timers/promises'
import { OperationalError, UserError } from '../../../../base/errors.ts'
import { checkLines } from '../check/tail.ts'
import type { GuardCore } from '../core.ts'
import type { JobRun } from '../job-run.ts'
import { workOf } from '../phase.ts'
import { busy, notIdle } from '../refusals.ts'
import { modelOf, takeSnapshot } from './snapshot.ts'

/** The job still has the machine: no stop, no alarm, no lost link since. */
export function hasMachine(core: GuardCore, run: JobRun): boolean {
  return core.phase.kind === 'job' && core.phase.run === run && run.connection.isOpen
}

/** Ends a procedure of a job that has ended meanwhile. Never shown. */
export class JobIsOver extends Error {}

/** @throws JobIsOver */
export function mustHaveMachine(core: GuardCore, run: JobRun): void {
  if (!hasMachine(core, run)) throw new JobIsOver('the job has ended')
}

/** Acknowledged is not executed: a dwell is answered only when the planner is empty (grbl 1.1 interface.md), and then it must say Idle. */
export async function runEmpty(core: GuardCore, run: JobRun): Promise<void> {
  await send(core, run, 'G4P0.01')
  for (;;) {
    await core.freshReport()
    mustHaveMachine(core, run)
    if (core.view.status.state === 'idle') break
    await pause(core.timings.pollWaitingMs)
  }
  run.seenEmpty()
}

/** Sends one line and waits for its answer. @throws OperationalError `controller-refused` */
export async function send(core: GuardCore, run: JobRun, text: string): Promise<void> {
  mustHaveMachine(core, run)
  const answer = await run.connection.request(text)
  mustHaveMachine(core, run)
  if (!answer.isOk) throw new OperationalError({ code: 'controller-refused', message: `The controller refused "${text}": ${core.answerText(answer)}` })
}

/** Sends lines that were checked; the interlocks are looked at before each. */
export async function sendAll(core: GuardCore, run: JobRun, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    core.interlocks.mustBeSafe()
    await send(core, run, line)
  }
}

/**
 * Checks a few lines from how the controller stands now.
 * @returns what of them goes to the controller: nothing else was checked
 * @throws UserError `line-refused`
 */
export async function mustBeGood(core: GuardCore, run: JobRun, lines: readonly string[], what: string): Promise<string[]> {
  const snapshot = await takeSnapshot(core, run.connection)
  mustHaveMachine(core, run)
  const { finding, output } = checkLines(modelOf(core, snapshot, false), lines)
  if (!finding) return output
  const text = lines[finding.line - 1] ?? ''
  throw new UserError({
    code: finding.code === 'outside-envelope' || finding.code === 'keep-out' ? finding.code : 'line-refused',
    message: `${what} is not possible: ${finding.text} (${text})`,
    details: { reason: finding.text, text, finding: finding.code },
  })
}

/** A person's go-ahead counts only for a machine that stands ready. @throws UserError `interlock-open`, `machine-not-idle` */
export async function mustStandReady(core: GuardCore, run: JobRun): Promise<void> {
  if (workOf(core.phase)) throw busy(core.phase)
  core.interlocks.mustBeSafe()
  await core.freshReport()
  mustHaveMachine(core, run)
  if (workOf(core.phase)) throw busy(core.phase)
  core.interlocks.mustBeSafe()
  if (core.view.status.state !== 'idle') throw notIdle(core.view)
}
