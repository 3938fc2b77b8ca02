/**
 * A program on LinuxCNC. LinuxCNC reads programs itself, from a file: the guard checks the program with the engine, puts a copy
 * beside its journal that nobody changes while it runs, and has LinuxCNC open that copy. So LinuxCNC must be able to read
 * this machine's folder: it runs on this computer, or has the data directory under the same path. Where it cannot, the job is
 * refused (`program-not-visible`) and says so. Feeding lines one by one by MDI was left out on purpose: it would stop at
 * every line, and a link that breaks would leave the machine in the middle of a cut with no program to go on with.
 */

import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { fromErrorMessage, messageOf, OperationalError, UserError } from '../../../../base/errors.ts'
import { lockOf } from '../../linuxcnc/index.ts'
import type { ProgramReport } from '../../program.ts'
import type { CheckAnswer } from '../check/contract.ts'
import { inWorker } from '../check/thread.ts'
import type { JobEnd } from '../contract.ts'
import type { JobRequest } from '../job-run.ts'
import { endOfUnfinished } from '../journal-records.ts'
import { beforeStart, notSupported, positionNotTrusted } from '../refusals.ts'
import type { LinuxcncCore } from './core.ts'
import { copyPath, endRun, tellEnd } from './job-end.ts'
import { modelOf, unknownOffset } from './model.ts'
import { LinuxcncRun } from './run.ts'
import { mustBeFree, mustBeIdle } from './work.ts'

/** Positions that should be the same differ by less: following error of servos. */
const SAME_MM = 0.05

/** @throws UserError as `startJob` of the contract, `program-not-visible`, `not-supported` */
export async function startJob(core: LinuxcncCore, request: JobRequest, fresh: () => Promise<void>): Promise<{ totalLines: number }> {
  mustBeNew(core, request.jobId)
  if (request.options?.planId !== undefined) throw notSupported('A start in mid-program cannot be planned here: LinuxCNC does that itself, at its own screen.')
  const talk = mustBeFree(core, request.lease)
  core.interlocks.mustBeSafe()
  const run = new LinuxcncRun(request, core.tokens.next())
  core.phase = { kind: 'job', talk, run }
  core.changed()
  let copy: string | undefined
  try {
    await fresh()
    mustBeReady(core)
    const check = await checkOn(core, request, run.abort.signal)
    if (check.refusal) throw fromErrorMessage(check.refusal)
    run.totalLines = check.report.sourceLines
    // with a tool length from LinuxCNC's own table the height at the end is not known here
    const isHeightKnown = !check.report.findings.some(({ code }) => code === 'tool-length-unknown')
    run.endsAtMm = check.endsAtMm.map((value, axis) => (axis === 2 && !isHeightKnown ? Number.NaN : value))
    copy = await copyOf(core, request)
    await fresh()
    run.abort.signal.throwIfAborted()
    mustBeReady(core)
    await open(core, copy)
    const { jobId, programName, sha256, by, lease } = request
    const { token, totalLines, startedAt } = run
    await core.journal.startJob({ jobId, programName, sha256, by, totalLines, startedAt, token, ...(lease === undefined ? {} : { lease }) })
    run.abort.signal.throwIfAborted()
    core.interlocks.mustBeSafe()
    await talk.set(
      `OPTIONAL_STOP ${request.options?.optionalStop === true ? (core.greeting?.facts.isModern ? 'ON' : '1') : core.greeting?.facts.isModern ? 'OFF' : '0'}`,
    )
    run.abort.signal.throwIfAborted()
    run.hasStarted = true
    await talk.set('RUN')
    // looks from before it say nothing
    core.stillLooks = -1
    run.taken()
  } catch (error) {
    const reason: unknown = run.abort.signal.aborted ? run.abort.signal.reason : error
    if (core.journal.hasSeen(request.jobId))
      tellEnd(core, run.end('stopped', `The program was not started: ${messageOf(reason)}`, core.isPositionTrusted), request.programName)
    run.hasStarted = false
    if (core.phase.kind === 'job' && core.phase.run === run) core.phase = { kind: 'ready', talk }
    if (copy !== undefined) rm(copy, { force: true }).catch(() => {})
    core.changed()
    throw reason
  }
  core.setNotice('job', undefined)
  core.changed()
  return { totalLines: run.totalLines }
}

/** The dry check, whatever the machine does now. */
export async function checkProgram(core: LinuxcncCore, request: Pick<JobRequest, 'path' | 'sha256' | 'options'>): Promise<ProgramReport> {
  return (await checkOn(core, request, new AbortController().signal)).report
}

export async function jobStatus(core: LinuxcncCore, jobId: string): Promise<{ state: 'active' } | JobEnd | null> {
  if (core.run?.request.jobId === jobId) return { state: 'active' }
  return (await core.journal.jobEnd(jobId)) ?? null
}

/** What LinuxCNC shows of a program that runs, after every look. */
export function followRun(core: LinuxcncCore, error: string | undefined): void {
  const { phase, run, status } = core
  if (!run?.hasStarted) return
  if (error !== undefined && run.errors.length < 20) {
    run.errors.push(error)
    core.event('message', error)
  }
  run.at(status.programLine)
  if (status.program === 'running' || status.program === 'paused') run.seenRunning()
  if (phase.kind !== 'job') return
  const verdict = verdictOf(core, run)
  if (!verdict) return
  if (verdict.state === 'completed') core.remembered.setPartsCount(core.remembered.partsCount + 1)
  core.phase = { kind: 'ready', talk: phase.talk }
  endRun(core, run, verdict.state, verdict.text)
}

/**
 * How the program has ended; undefined while it runs. LinuxCNC says only that it is idle: it may have been aborted at its own
 * screen, and an error is told to whoever asks first. So a program counts as completed only where the tool stands where it
 * ends, and the last line seen was so near the end that the rest fits between two looks.
 */
function verdictOf(core: LinuxcncCore, run: LinuxcncRun): Pick<JobEnd, 'state' | 'text'> | undefined {
  const { status } = core
  const lock = lockOf(status)
  if (lock) return { state: 'failed', text: `${lock.text}, at line ${run.currentLine}. ${lock.whatToDo}` }
  // idle in two looks: between reading and moving it may look idle for a moment
  if (status.program !== 'idle' || core.stillLooks < 2 || !run.mayHaveEnded) return undefined
  if (run.errors.length > 0) return { state: 'failed', text: `LinuxCNC ended the program at line ${run.currentLine}: ${run.errors.join(' ')}` }
  const where = `line ${run.furthestLine} of ${run.totalLines}`
  const asked = 'at LinuxCNC itself, or by an error that was read elsewhere'
  if (run.endsAtMm && !isAt(status.positionMm, run.endsAtMm))
    return { state: 'interrupted', text: `LinuxCNC stands, but not where the program ends: it was ended at ${where}, ${asked}. Look at the machine.` }
  if (!run.isNearEnd)
    return {
      state: 'interrupted',
      text: `LinuxCNC stands where the program ends, but was last seen at ${where}: it may have been ended ${asked}. Look at the work.`,
    }
  return { state: 'completed', text: 'LinuxCNC has run the program, and stands where it ends.' }
}

function isAt(position: readonly number[], place: readonly number[]): boolean {
  return position.every((value, axis) => {
    const wanted = place[axis] ?? Number.NaN
    return Number.isNaN(wanted) || Math.abs(value - wanted) <= SAME_MM
  })
}

/** A job that died with the last guard: LinuxCNC had all of it. */
export function closeBooks(core: LinuxcncCore): void {
  const { unfinished, isPositionTrusted } = core.journal.before
  if (!unfinished) return
  const end = endOfUnfinished(unfinished, isPositionTrusted)
  const text =
    'The guard process ended while LinuxCNC ran the program. LinuxCNC had all of it and may have run it to its end, or may still run it; the spindle may be on. Look at the machine before anything else.'
  tellEnd(core, { ...end, text }, unfinished.start.programName)
}

function mustBeNew(core: LinuxcncCore, jobId: string): void {
  if (!core.journal.hasSeen(jobId) && core.run?.request.jobId !== jobId) return
  throw new UserError({ code: 'job-seen', message: `Job ${jobId} has been started before and is never run twice. Start a new job.`, status: 409 })
}

function mustBeReady(core: LinuxcncCore): void {
  mustBeIdle(core)
  if ((core.settings.guarding?.mustBeHomed ?? true) && !core.isPositionTrusted) throw positionNotTrusted()
  if (!core.isHomed) throw positionNotTrusted()
}

async function checkOn(core: LinuxcncCore, request: Pick<JobRequest, 'path' | 'sha256' | 'options'>, signal: AbortSignal): Promise<CheckAnswer> {
  const { model, unknownOffsets } = modelOf(core, { blockDelete: request.options?.blockDelete === true })
  const writeTo = join(core.journal.dir, `check-${core.tokens.next()}.nc`)
  try {
    const answer = await inWorker({ kind: 'check', path: request.path, sha256: request.sha256, model, writeTo }, signal)
    return unknownOffset(answer, unknownOffsets)
  } finally {
    rm(writeTo, { force: true }).catch(() => {})
  }
}

/**
 * The file LinuxCNC reads: line for line the program, with the lines that begin with `/` taken out or taken in as the start
 * asks, since linuxcncrsh cannot tell LinuxCNC which.
 */
async function copyOf(core: LinuxcncCore, { path, sha256, jobId, options }: JobRequest): Promise<string> {
  const bytes = await readFile(path)
  if (createHash('sha256').update(bytes).digest('hex') !== sha256.toLowerCase())
    throw new UserError({
      code: 'program-changed',
      message: 'The program file is not the one that was chosen: its content has changed. Load it again and start anew.',
    })
  const text = bytes.toString('latin1').replaceAll(/^([ \t]*)\/(.*)$/gm, options?.blockDelete === true ? '' : '$1$2')
  const to = copyPath(core, jobId)
  await mkdir(join(core.journal.dir, 'linuxcnc'), { recursive: true, mode: 0o755 })
  await writeFile(to, text, { encoding: 'latin1', mode: 0o644 })
  return to
}

async function open(core: LinuxcncCore, path: string): Promise<void> {
  const talk = core.connected()
  if (!isAbsolute(path) || /[^\x20-\x7e]/.test(path)) throw invisible(path, 'its path holds characters that cannot be sent')
  await talk.set('MODE AUTO')
  const answer = await talk.say(`SET OPEN ${path}`)
  if (!answer.isOk) throw invisible(path, answer.remarks.join(' ').replace(/\.$/, '') || 'LinuxCNC refused to open it')
  // an old server takes the order first and finds out later
  const giveUpAt = performance.now() + 1000
  let opened: string | undefined
  do {
    opened = await talk.get('PROGRAM')
  } while (opened !== path && performance.now() < giveUpAt)
  if (opened !== path) throw invisible(path, `LinuxCNC has ${opened === undefined || opened === 'NONE' ? 'no program' : opened} open instead`)
}

function invisible(path: string, why: string): OperationalError {
  return new OperationalError({
    code: 'program-not-visible',
    message: `The program was not started, since LinuxCNC cannot read it (${why}). It must see the file as ${path}: run it on this computer as a user who may read that folder, or share the folder under the same path.`,
    status: 409,
  })
}

/** What ends a job whose requester is gone, by its own policy. */
export function isHeldWithoutRequester(core: LinuxcncCore, jobId: string): boolean {
  const run = core.run
  if (run?.request.jobId !== jobId) return false
  core.journal.append({ kind: 'request', what: `requester gone, policy ${run.request.whenRequesterGone}`, by: 'gateway' })
  if (!run.hasStarted) run.abort.abort(beforeStart('Whoever asked for it is gone'))
  return run.request.whenRequesterGone === 'hold'
}
