/** A job from its request to its last line: checked, written down, fed, run out. */

import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import type { PreparedLine } from '../grbl/index.ts'
import { type CheckedProgram, checkProgram } from './check-program.ts'
import type { Answer } from './connection.ts'
import type { JobEnd } from './contract.ts'
import type { GuardCore } from './core.ts'
import { hold, stopFor } from './hold-and-stop.ts'
import { endJob, tellEnd } from './job-end.ts'
import { type JobRequest, JobRun } from './job-run.ts'
import { freeSoon } from './lease.ts'
import { runOf } from './phase.ts'
import { notIdle } from './refusals.ts'

/**
 * Checks the program, takes the lease and begins to stream. Resolves when the first line may go.
 * @throws UserError `job-seen`, `machine-busy`, `machine-not-idle`, `position-not-trusted`, `program-missing`,
 * `program-changed`, `program-empty`, `line-refused`, `outside-envelope`, `stopped-before-start`
 */
export async function startJob(core: GuardCore, request: JobRequest): Promise<{ totalLines: number }> {
  mustBeNew(core, request.jobId)
  const connection = await freeSoon(core)
  mustBeNew(core, request.jobId)
  const run = new JobRun(request, connection, core.journal)
  core.phase = { kind: 'job', connection, run }
  core.view.changed()
  let program: CheckedProgram | undefined
  try {
    program = await check(core, run)
    await writeDownStart(core, run, program)
  } catch (error) {
    await program?.file.close()
    if (core.phase.kind === 'job' && core.phase.run === run) core.phase = { kind: 'ready', connection }
    core.view.changed()
    // whatever broke because of it: that it was stopped is what counts
    throw run.abort.signal.aborted ? run.abort.signal.reason : error
  }
  core.view.setNotice('job', undefined)
  run.stream(program, (error) => failJob(core, run, `The program cannot be read on: ${messageOf(error)}`))
  core.poller?.now()
  core.view.changed()
  return { totalLines: program.totalLines }
}

/** How a job stands or how it ended; null when it was never begun here. */
export async function jobStatus(core: GuardCore, jobId: string): Promise<{ state: 'active' } | JobEnd | null> {
  if (runOf(core.phase)?.request.jobId === jobId) return { state: 'active' }
  return (await core.journal.jobEnd(jobId)) ?? null
}

/** Whoever asked for the job cannot be told any more: it goes on or is held, as it was asked. */
export function requesterGone(core: GuardCore, jobId: string): void {
  const run = runOf(core.phase)
  if (run?.request.jobId !== jobId) return
  core.journal.append({ kind: 'request', what: `requester gone, policy ${run.request.whenRequesterGone}`, by: 'gateway' })
  if (run.request.whenRequesterGone === 'hold') hold(core, 'job policy, as its requester is gone')
}

/** A line of the program was answered: the next ones go out, or the job is over. */
export function onProgramAnswer(core: GuardCore, line: PreparedLine, answer: Answer): void {
  const phase = core.phase
  if (phase.kind !== 'job' || !phase.run.hasStarted) return
  const { run } = phase
  if (!answer.isOk) {
    failJob(core, run, `Line ${line.number} "${line.text}" was refused by the controller: ${core.answerText(answer)}`)
    return
  }
  const isLast = run.acknowledge(line)
  core.view.changed()
  if (!isLast) {
    run.feed()
    return
  }
  run.drain()
  drain(core, run).catch((error) => {
    // a stop, an alarm or a lost link has ended the job already
    if (core.phase.kind === 'job' && core.phase.run === run) failJob(core, run, messageOf(error))
  })
}

/** Holds, sees it standing, resets: what is in the controller's buffers is not to run. */
export function failJob(core: GuardCore, run: JobRun, text: string): void {
  if (core.phase.kind !== 'job' || core.phase.run !== run) return
  const { connection } = core.phase
  if (!connection.isOpen) return
  connection.realtime('feedHold')
  stopFor(core, connection, { kind: 'job-failed', text })
}

function mustBeNew(core: GuardCore, jobId: string): void {
  if (!core.journal.hasSeen(jobId) && runOf(core.phase)?.request.jobId !== jobId) return
  throw new UserError({ code: 'job-seen', message: `Job ${jobId} has been started before and is never run twice. Start a new job.`, status: 409 })
}

async function check(core: GuardCore, run: JobRun): Promise<CheckedProgram> {
  const { request, connection, abort } = run
  const identity = core.identified()
  await core.freshReport()
  mustBeReady(core, run)
  const setup = await core.checkSetup(connection, identity)
  const program = await checkProgram({ ...request, setup, maxLineLength: identity.facts.maxLineLength, signal: abort.signal })
  await core.freshReport()
  try {
    mustBeReady(core, run)
  } catch (error) {
    await program.file.close()
    throw error
  }
  run.totalLines = program.totalLines
  return program
}

function mustBeReady(core: GuardCore, run: JobRun): void {
  run.abort.signal.throwIfAborted()
  if (core.view.status.state !== 'idle') throw notIdle(core.view)
  if (!core.view.isPositionTrusted && core.identity?.settings.hasHoming)
    throw new UserError({
      code: 'position-not-trusted',
      message: 'The position of the machine is not certain. Home it, then start the program.',
      status: 409,
    })
}

async function writeDownStart(core: GuardCore, run: JobRun, { totalLines }: CheckedProgram): Promise<void> {
  const { jobId, programName, sha256, by } = run.request
  await core.journal.startJob({ jobId, programName, sha256, by, totalLines, startedAt: run.startedAt })
  if (!run.abort.signal.aborted) return
  // its begin is written down, so its end must be too
  tellEnd(core, run.end('stopped', 'The job was stopped before its first line was sent.', core.view.isPositionTrusted), programName)
  run.abort.signal.throwIfAborted()
}

/** Acknowledged is not executed: a dwell is answered only when the planner is empty (grbl 1.1 interface.md). */
async function drain(core: GuardCore, run: JobRun): Promise<void> {
  const isCurrent = () => core.phase.kind === 'job' && core.phase.run === run
  const answer = await run.connection.request('G4P0.01')
  if (!isCurrent()) return
  if (!answer.isOk) throw new OperationalError({ code: 'controller-refused', message: `The end of the program was refused: ${core.answerText(answer)}` })
  for (;;) {
    await core.freshReport()
    if (!isCurrent()) return
    if (core.view.status.state === 'idle') break
    await pause(core.timings.pollWaitingMs)
    if (!isCurrent()) return
  }
  core.phase = { kind: 'ready', connection: run.connection }
  await endJob(core, run, 'completed', `All ${run.totalLines} lines were run and the machine stands.`)
  core.view.changed()
}
