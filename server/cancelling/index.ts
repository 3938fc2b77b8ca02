/**
 * What a person cancels, over everything that has a part in it: the flow runtime lets nothing of it go on, what waits in the
 * flow ends, what was asked for and has not begun is cancelled, and a machine does what the person said. Machines come first:
 * they answer without the database and without the runtime.
 */
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { type CancelResult, type CancelView, cancelJob, cancelRun, type MachineChoice, viewCancelJob, viewCancelRun } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Runtime } from '../flows/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { JobCancelling } from '../jobs/cancel.ts'
import { type JobRow, toJob } from '../jobs/rows.ts'
import type { Machines } from '../machines/contract.ts'
import type { Orchestration } from '../orchestration/contract.ts'
import type { Runs } from '../runs/contract.ts'
import { createHalting } from './halting.ts'

const SHOWN = 20

interface Choices {
  machine?: MachineChoice
  takeBack?: boolean
  why?: string
}

export function createCancelling(deps: {
  runs: Pick<Runs, 'cancel' | 'cancelWhenDone' | 'link' | 'stateOf' | 'onCancelledElsewhere'>
  jobs: JobCancelling
  steps: Pick<Orchestration, 'endRun' | 'endJob' | 'waits'>
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  machines: Pick<Machines, 'get'>
  audit: Audit
  log: Logger
}): { routes: RouteHandler[] } {
  const { runs, jobs, steps, runtime, machines, audit, log } = deps
  const halting = createHalting({ runtime, bus: jobs.bus, log })
  // another gateway, which shares the database, cancelled what runs here
  runs.onCancelledElsewhere((runId) => void halting.halt({ runIds: [runId], reason: 'It was cancelled.' }))

  /** @throws UserError run-not-found, run-ended */
  const requireActive = async (runId: string): Promise<void> => {
    const state = await runs.stateOf(runId)
    if (state === undefined)
      throw new UserError({ code: 'run-not-found', message: 'There is no such run, or it is older than what the history keeps.', status: 404 })
    if (state !== 'active') throw new UserError({ code: 'run-ended', status: 409, message: `The run has ended already: ${state}.` })
  }

  const endMachines = async (rows: readonly JobRow[], choice: MachineChoice, by: string): Promise<CancelResult['programs']> =>
    Promise.all(
      rows.filter(isRunningProgram).map(async (row) => {
        const about = { jobId: row.id, machineId: row.machineId ?? '' }
        try {
          return { ...about, did: await jobs.machine(row, choice, by) }
        } catch (error) {
          return { ...about, did: 'not-reached' as const, text: messageOf(error) }
        }
      }),
    )

  const cancelWaiting = async (rows: readonly JobRow[], { by, reason, takeBack }: { by: string; reason: string; takeBack: boolean }): Promise<number> => {
    let count = 0
    for (const row of rows) {
      if (row.kind === 'confirmation') {
        if (takeBack && (await isTakenBack(row, { by, reason }))) count += 1
      } else if (row.state === 'waiting' && (await jobs.ifWaiting(row, reason))) count += 1
    }
    return count
  }
  /** One that is being tried in this moment may get out, and is not tried again. */
  const isTakenBack = async (row: JobRow, request: { by: string; reason: string }): Promise<boolean> => {
    try {
      await jobs.one(row.id, request)
      return true
    } catch (error) {
      // it is out
      if (error instanceof UserError && error.code === 'job-ended') return false
      throw error
    }
  }

  /** @throws UserError run-not-found, run-ended */
  const endRun = async (runId: string, { by, machine = 'finish', takeBack = false, why }: Choices & { by: string }): Promise<CancelResult> => {
    await requireActive(runId)
    const reason = words(by, why)
    const programs = await endMachines(await jobs.openOfRun(runId), machine, by)
    await runs.cancel(runId, reason)
    const halted = await halting.haltEverywhere({ runIds: [runId], reason })
    const ended = await steps.endRun(runId, reason)
    // what a node had asked for in the last moment is there by now
    const open = await jobs.openOfRun(runId)
    let count = await cancelWaiting(open, { by, reason, takeBack })
    for (const row of open) if (row.kind === 'flow' && row.state === 'active' && (await jobs.endFlow(row, reason))) count += 1
    await runs.link(runId, { kind: 'process', id: 'cancel', text: reason })
    return { runId, steps: ended, jobs: count, programs, problems: problemsOf(programs, halted.problem) }
  }

  const endJobOnly = async (row: JobRow, { by, machine = 'finish', takeBack = false, why }: Choices & { by: string }): Promise<CancelResult> => {
    const reason = words(by, why)
    const below = await jobs.openBelow(row.id)
    const programs = await endMachines(below, machine, by)
    const halted = await halting.haltEverywhere({ jobIds: [row.id], reason })
    const ended = row.runId === null ? 0 : await steps.endJob({ id: row.id, runId: row.runId }, reason)
    const count = await cancelWaiting(await jobs.openBelow(row.id), { by, reason, takeBack })
    const own = await jobs.endFlow(row, reason)
    if (row.runId !== null) {
      await runs.link(row.runId, { kind: 'process', id: row.id, text: `flow job "${row.name}" was ${lowerFirst(reason)}` })
      // whoever waits for the outcome hears of it and decides; otherwise this is how the story ends
      if (!halted.awaited.includes(row.id)) await runs.cancelWhenDone(row.runId, reason)
    }
    return { steps: ended, jobs: count + (own ? 1 : 0), programs, problems: problemsOf(programs, halted.problem) }
  }

  const scopeOf = (row: JobRow, asked: 'job' | 'run' | undefined): 'job' | 'run' => (row.runId === null ? 'job' : (asked ?? (isSharedRun(row) ? 'job' : 'run')))

  const view = async (
    rows: readonly JobRow[],
    facts: Pick<CancelView, 'isSharedRun' | 'steps'> & { runId?: string | undefined; endsFlows: boolean },
  ): Promise<CancelView> => {
    const waiting = rows.filter(({ state, kind }) => state === 'waiting' && kind !== 'confirmation')
    const { runId, isSharedRun: isShared, steps: texts, endsFlows } = facts
    return {
      ...(runId === undefined ? {} : { runId }),
      isSharedRun: isShared,
      steps: texts,
      active: rows
        .filter(({ state, kind }) => endsFlows && state === 'active' && kind === 'flow')
        .slice(0, SHOWN)
        .map(named),
      waiting: waiting.slice(0, SHOWN).map(named),
      waitingTotal: waiting.length,
      programs: rows.filter(isRunningProgram).map((row) => {
        const { name, isVirtual } = machineOf(row.machineId ?? '')
        return { jobId: row.id, name: row.name, machineId: row.machineId ?? '', machineName: name, isVirtual }
      }),
      confirmations: rows.filter(({ kind, state }) => kind === 'confirmation' && state === 'waiting').length,
    }
  }
  const machineOf = (machineId: string): { name: string; isVirtual: boolean } => {
    try {
      return machines.get(machineId)
    } catch {
      return { name: machineId, isVirtual: false } // removed meanwhile
    }
  }

  return {
    routes: [
      handle(viewCancelRun, async ({ params: { runId } }) => {
        await requireActive(runId)
        return view(await jobs.openOfRun(runId), { runId, isSharedRun: false, steps: await steps.waits(runId), endsFlows: true })
      }),
      handle(cancelRun, async ({ params: { runId }, body, caller }) => {
        requireStop(body.machine, caller)
        const result = await endRun(runId, { ...body, by: caller.name })
        audit.record({ caller, action: 'run.cancel', target: runId, detail: { ...body, programs: result.programs } })
        return result
      }),
      handle(viewCancelJob, async ({ params: { jobId }, query }) => {
        const row = await jobs.find(jobId)
        requireOpen(row)
        if (row.runId === null || scopeOf(row, query.scope) === 'job')
          return view(await jobs.openBelow(jobId), {
            isSharedRun: isSharedRun(row),
            steps: row.runId === null ? [] : await steps.waits(row.runId, jobId),
            endsFlows: false,
          })
        const others = (await jobs.openOfRun(row.runId)).filter(({ id }) => id !== jobId)
        return view(others, { runId: row.runId, isSharedRun: isSharedRun(row), steps: await steps.waits(row.runId), endsFlows: true })
      }),
      handle(cancelJob, async ({ params: { jobId }, body, caller }) => {
        const { scope, ...choices } = body
        const row = await jobs.find(jobId)
        const isFlow = row.kind === 'flow' && row.state === 'active'
        requireStop(isFlow ? body.machine : undefined, caller)
        const result = isFlow ? await endFlowJob(row, scope, { ...choices, by: caller.name }) : undefined
        if (!isFlow) await jobs.one(jobId, { by: caller.name, reason: words(caller.name, body.why) })
        const job = toJob(await jobs.find(jobId))
        audit.record({
          caller,
          action: 'job.cancel',
          target: jobId,
          detail: { name: job.name, state: job.state, ...body, ...(result ? { programs: result.programs } : {}) },
        })
        if (result?.problems.length)
          throw new UserError({ code: 'cancelled-in-part', status: 409, message: `The job was cancelled. ${result.problems.join(' ')}` })
        return job
      }),
    ],
  }

  async function endFlowJob(row: JobRow, scope: 'job' | 'run' | undefined, choices: Choices & { by: string }): Promise<CancelResult> {
    if (row.runId === null || scopeOf(row, scope) === 'job') return endJobOnly(row, choices)
    // the run may have come to its end while its job has not, e.g. by silence
    if ((await runs.stateOf(row.runId)) !== 'active') return endJobOnly(row, choices)
    return endRun(row.runId, choices)
  }
}

/** A flow asked for it: it works in that flow's run. */
const isSharedRun = (row: JobRow): boolean => row.nodeId !== null && row.runId !== null
const isRunningProgram = (row: JobRow): boolean => row.kind === 'program' && row.state === 'active'
const named = ({ id, name, kind }: JobRow) => ({ jobId: id, name, kind })
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

function words(by: string, why: string | undefined): string {
  return why?.trim() ? `Cancelled by ${by}: ${why.trim()}` : `Cancelled by ${by}`
}

function requireOpen({ state }: JobRow): void {
  if (state !== 'waiting' && state !== 'active') throw new UserError({ code: 'job-ended', message: `The job has ended already: ${state}.`, status: 409 })
}

/** @throws UserError not-allowed */
function requireStop(machine: MachineChoice | undefined, caller: Caller): void {
  if (machine === undefined || machine === 'finish' || caller.capabilities.has('machines.stop')) return
  throw new UserError({ code: 'not-allowed', status: 403, message: 'Holding or stopping a machine takes the right to stop machines.' })
}

function problemsOf(programs: CancelResult['programs'], halting: string | undefined): string[] {
  const missed = programs.flatMap(({ machineId, did, text }) =>
    did === 'not-reached' ? [`The guard of ${machineId} was not reached, so the program there goes on: ${text} Use its stop, or go to the machine.`] : [],
  )
  return halting === undefined ? missed : [...missed, halting]
}
