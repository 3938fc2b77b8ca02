/** A job from its request to its last line: checked, written down, fed, run out. */

import { setTimeout as pause } from 'node:timers/promises'
import { fromErrorMessage, messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import type { PreparedLine } from '../grbl/index.ts'
import type { PlannedStart } from './check/contract.ts'
import { inWorker } from './check/thread.ts'
import { checkProgram, openFlat, writtenFile } from './check-program.ts'
import type { Answer } from './connection.ts'
import type { JobEnd } from './contract.ts'
import type { GuardCore } from './core.ts'
import { holdIfMoving } from './hold-and-stop.ts'
import { approachRules } from './job/approach-rules.ts'
import { failJob } from './job/fail.ts'
import { carryThrough } from './job/interruption.ts'
import { lineRefused } from './job/line-error.ts'
import { fileLineOf } from './job/line-queue.ts'
import { fingerprint, modelOf, type Snapshot, takeSnapshot } from './job/snapshot.ts'
import { mayStart, mustBeUnchanged, mustHaveLength, mustHaveTool } from './job/start-rules.ts'
import { hasMachine, JobIsOver, mustHaveMachine, runEmpty, sendAll } from './job/steps.ts'
import { endJob, tellEnd } from './job-end.ts'
import { type AnswerName, type JobRequest, JobRun, type RunPlan } from './job-run.ts'
import { freeSoon } from './lease.ts'
import { isToolChangedByController } from './machine-model.ts'
import { runOf } from './phase.ts'
import { busy } from './refusals.ts'

/** How often it is written down which line is proven done. */
const PROGRESS_MS = 500

/**
 * Checks the program, takes the lease and begins to stream. Resolves when the first line may go.
 * @throws UserError `job-seen`, `machine-busy`, `lease-stale`, `machine-not-idle`, `position-not-trusted`, `interlock-open`,
 * `wrong-tool`, `plan-stale`, `machine-changed`, `stopped-before-start` and what the check says, see `checkProgram`
 */
export async function startJob(core: GuardCore, request: JobRequest): Promise<{ totalLines: number }> {
  mustBeNew(core, request.jobId)
  const connection = await freeSoon(core, request.lease)
  // a program that waits for a person lends the machine, but not to another program
  if (core.hasJob) throw busy(core.phase)
  mustBeNew(core, request.jobId)
  const run = new JobRun({ request, connection, journal: core.journal, token: core.tokens.next() })
  core.phase = { kind: 'job', connection, run }
  core.view.changed()
  let start: CheckedStart | undefined
  try {
    start = await check(core, run)
    await writeDownStart(core, run)
  } catch (error) {
    // read-only: a failed close loses nothing
    await start?.plan.program.dispose().catch(() => {})
    if (core.phase.kind === 'job' && core.phase.run === run) core.phase = { kind: 'ready', connection }
    core.view.changed()
    // whatever broke because of it: that it was stopped is what counts
    throw run.abort.signal.aborted ? run.abort.signal.reason : error
  }
  core.view.setNotice('job', undefined)
  core.startPlans.clear()
  core.programs.runs({ sha256: request.sha256, offsetsMm: { ...core.memory?.offsetsMm } })
  run.stream(start.plan, {
    onInterruption: (step) => carryThrough(core, run, step),
    onDone: () => runOut(core, run),
    onError: (error) => failJob(core, run, `The program cannot be read on: ${messageOf(error)}`),
  })
  if (start.approach) approachLine(core, run, start.approach)
  core.poller?.now()
  core.view.changed()
  return { totalLines: run.totalLines }
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
  if (run.request.whenRequesterGone === 'hold') holdIfMoving(core, 'job policy, as its requester is gone')
}

/**
 * A person's answer to what a job waits for; resolves when it was taken.
 * @throws UserError `nothing-to-answer`, `interlock-open`, `tool-not-measured`, `machine-not-idle`, and what the check of the rest says
 */
export async function answerJob(core: GuardCore, { jobId, answer, by }: { jobId: string; answer: AnswerName; by: string }): Promise<void> {
  const run = core.phase.kind === 'job' ? core.phase.run : undefined
  if (run?.request.jobId !== jobId)
    throw new UserError({ code: 'nothing-to-answer', message: 'The answer was not taken: this program does not run.', status: 409 })
  core.journal.append({ kind: 'request', what: `answer ${answer}`, by })
  await run.answer(answer, by)
}

/**
 * A resume of a machine that is in no hold of its own, but waits at M0 or M1, is the answer to that.
 * @returns undefined where the machine itself is to be resumed
 */
export function resumeJob(core: GuardCore, by: string): Promise<void> | undefined {
  const run = core.phase.kind === 'job' ? core.phase.run : undefined
  if (!run?.isAsking || core.view.status.state === 'hold' || core.view.status.state === 'door') {
    if (run?.question?.kind === 'line-error') return Promise.reject(askedFirst(run.question.text))
    return undefined
  }
  const { question } = run
  if (question?.kind === 'program-stop' || question?.kind === 'optional-stop') return answerJob(core, { jobId: run.request.jobId, answer: 'go-on', by })
  return Promise.reject(askedFirst(question?.text ?? ''))
}

function askedFirst(text: string): UserError {
  return new UserError({ code: 'not-held', message: `The program waits for an answer, not for a resume: ${text}`, status: 409 })
}

/** A line of the program was answered: the next ones go out, or the job is over. */
export function onProgramAnswer(core: GuardCore, line: PreparedLine, answer: Answer): void {
  const phase = core.phase
  if (phase.kind !== 'job' || !phase.run.hasStarted) return
  const { run } = phase
  if (answer.isOk) {
    run.acknowledge(line)
    run.paceAt(core.view.status.overridesPercent.feed)
    noteProgress(core, run)
    core.view.changed()
    return
  }
  const text = `Line ${line.number} "${line.text}" was refused by the controller: ${core.answerText(answer)}`
  if (answer.code === LOCKED_ERROR) foundLocked(core)
  if (run.behind) run.refusedBehind(line)
  else if ((core.settings.guarding?.onLineError ?? 'stop') === 'stop') failJob(core, run, text)
  else {
    run.passOver(line)
    lineRefused(core, run, { text, number: line.number, fileLine: fileLineOf(line) })
  }
}

/** G-code is locked out during an alarm or a jog (Grbl 1.1, error 9). */
const LOCKED_ERROR = 9

/** Locked in the middle of a program: an alarm came whose line was lost on the way. */
function foundLocked(core: GuardCore): void {
  core.setTrust(false, 'The controller was found locked in the middle of a program. Home it before anything else moves.')
}

function mustBeNew(core: GuardCore, jobId: string): void {
  if (!core.journal.hasSeen(jobId) && runOf(core.phase)?.request.jobId !== jobId) return
  throw new UserError({ code: 'job-seen', message: `Job ${jobId} has been started before and is never run twice. Start a new job.`, status: 409 })
}

interface CheckedStart {
  plan: RunPlan
  /** For a start in mid-program. */
  approach: PlannedStart | undefined
}

/** A controller in hold answers nothing before it is resumed: who was told to stop does not wait for that. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

async function check(core: GuardCore, run: JobRun): Promise<CheckedStart> {
  const { request, connection, abort } = run
  const { options } = request
  core.identified()
  await core.freshReport()
  abort.signal.throwIfAborted()
  mayStart(core)
  mustHaveTool(core, { expected: options?.expectedTool, named: undefined })
  const before = await unlessAborted(takeSnapshot(core, connection), abort.signal)
  const start = options?.planId === undefined ? await checkAll(core, run, before) : await checkPlanned(core, run, { before, planId: options.planId })
  try {
    const now = await unlessAborted(takeSnapshot(core, connection), abort.signal)
    abort.signal.throwIfAborted()
    mayStart(core)
    mustBeUnchanged(before, now)
  } catch (error) {
    await start.plan.program.dispose()
    throw error
  }
  run.totalLines = start.plan.program.totalLines
  return start
}

async function checkAll(core: GuardCore, run: JobRun, before: Snapshot): Promise<CheckedStart> {
  const { path, sha256, options } = run.request
  const model = modelOf(core, before, run.blockDelete)
  const { program, timeline, firstTool, beginsWithToolChange } = await checkProgram({ path, sha256, model, dir: core.journal.dir, signal: run.abort.signal })
  try {
    mustHaveTool(core, { expected: options?.expectedTool, named: firstTool })
    if (!beginsWithToolChange) mustHaveLength(core, before)
  } catch (error) {
    await program.dispose()
    throw error
  }
  const plan = { ...planFor(core, run), program, timeline, linesBefore: 0, fromLine: 1, selectedTool: before.modal.selectedTool }
  const base = { path: program.path, form: program.form, checksums: program.checksums, from: program.from, count: program.totalLines, model }
  return { plan: { ...plan, beginsInterrupted: false, base }, approach: undefined }
}

/** The plan a person has seen is worked out again, and must be the same. */
async function checkPlanned(core: GuardCore, run: JobRun, { before, planId }: { before: Snapshot; planId: string }): Promise<CheckedStart> {
  const { path, sha256, options } = run.request
  const kept = core.startPlans.find(planId, { sha256, blockDelete: run.blockDelete, fingerprint: fingerprint(core, before, core.identified()) })
  const model = modelOf(core, before, run.blockDelete)
  const order = { kind: 'plan', path, sha256, model, writeTo: writtenFile(core.journal.dir), fromLine: kept.fromLine, approach: approachRules(core) } as const
  const { plan: approach, check, refusal } = await inWorker(order, run.abort.signal)
  if (refusal || !approach) throw fromErrorMessage(refusal ?? { kind: 'user', code: 'plan-stale', message: 'The plan cannot be used any more.', status: 409 })
  if (JSON.stringify(approach) !== JSON.stringify(kept.plan))
    throw new UserError({
      code: 'plan-stale',
      message: 'The way to the line is another one now. Have the start worked out again, look at it, and then start.',
      status: 409,
    })
  mustHaveTool(core, { expected: options?.expectedTool, named: approach.modal.tool })
  mustHaveLength(core, before)
  const program = await openFlat(check.flat, model, approach)
  const plan = { ...planFor(core, run), program, timeline: check.timeline, linesBefore: approach.linesBefore, fromLine: approach.line }
  const { modal, positionMm } = approach
  const base = {
    path: program.path,
    form: program.form,
    checksums: program.checksums,
    from: program.from,
    count: program.totalLines,
    model: { ...model, modal, positionMm },
  }
  return { plan: { ...plan, selectedTool: modal.selectedTool, beginsInterrupted: true, base }, approach }
}

function planFor(core: GuardCore, run: JobRun): Pick<RunPlan, 'plannerBlocks' | 'maxLineLength' | 'rules'> {
  const { plannerBlocks, maxLineLength } = core.facts()
  const rules = { optionalStop: run.request.options?.optionalStop === true, isToolChangedByController: isToolChangedByController(core.settings) }
  return { plannerBlocks, maxLineLength, rules }
}

async function writeDownStart(core: GuardCore, run: JobRun): Promise<void> {
  const { jobId, programName, sha256, by, lease } = run.request
  const { token, totalLines, startedAt } = run
  await core.journal.startJob({ jobId, programName, sha256, by, totalLines, startedAt, token, ...(lease === undefined ? {} : { lease }) })
  try {
    run.abort.signal.throwIfAborted()
    // writing takes its time, and nothing is looked at between here and the first line
    mayStart(core)
  } catch (error) {
    // its begin is written down, so its end must be too
    tellEnd(core, run.end('stopped', 'The job was stopped before its first line was sent.', core.view.isPositionTrusted), programName)
    throw error
  }
}

/** The way to the line the program is started at, then the program. Never rejects. */
async function approachLine(core: GuardCore, run: JobRun, plan: PlannedStart): Promise<void> {
  try {
    await sendAll(
      core,
      run,
      plan.lines.map(({ text }) => text),
    )
    await runEmpty(core, run)
    mustHaveMachine(core, run)
    run.goOn(plan.motionWord)
    core.view.changed()
  } catch (error) {
    if (error instanceof JobIsOver || !hasMachine(core, run)) return
    failJob(core, run, `The way to line ${plan.line} was not gone to its end: ${messageOf(error)}`)
  }
}

/** The end of the program: everything was acknowledged. */
function runOut(core: GuardCore, run: JobRun): void {
  run.drain()
  drain(core, run).catch((error) => {
    // a stop, an alarm or a lost link has ended the job already
    if (core.phase.kind === 'job' && core.phase.run === run) failJob(core, run, messageOf(error))
  })
}

/** Acknowledged is not executed: a dwell is answered only when the planner is empty (grbl 1.1 interface.md). */
async function drain(core: GuardCore, run: JobRun): Promise<void> {
  const isCurrent = () => core.phase.kind === 'job' && core.phase.run === run
  const answer = await run.connection.request('G4P0.01')
  if (!isCurrent()) return
  if (!answer.isOk) {
    if (answer.code === LOCKED_ERROR) foundLocked(core)
    throw new OperationalError({ code: 'controller-refused', message: `The end of the program was refused: ${core.answerText(answer)}` })
  }
  for (;;) {
    await core.freshReport()
    if (!isCurrent()) return
    if (core.view.status.state === 'idle') break
    await pause(core.timings.pollWaitingMs)
    if (!isCurrent()) return
  }
  // an answer that cannot be mistaken for another: an `ok` too many comes before it, and ends the job as failed
  await run.connection.request('$G', { marker: 'parser-state' })
  if (!isCurrent()) return
  core.phase = { kind: 'ready', connection: run.connection }
  await endJob(core, run, 'completed', `All ${run.totalLines} lines were run and the machine stands.`)
  core.view.changed()
}

function noteProgress(core: GuardCore, run: JobRun): void {
  const mark = run.progressToNote(performance.now(), PROGRESS_MS)
  if (mark) core.journal.append({ kind: 'progress', jobId: run.request.jobId, line: mark.number, text: mark.text })
}
