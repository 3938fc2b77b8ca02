/** Follows a machine job to its end. A person who leaves (Ctrl-C) must not leave the machine running unseen. */
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { cancelJob, getJob, getMachine, holdMachine, type Job, type MachineView } from '../api/index.ts'
import type { Client } from './client.ts'
import type { Interrupt } from './interrupt.ts'
import type { Output } from './output.ts'

const POLL_MS = 250
const ANSWER_MS = 5000
/** The server may be started anew meanwhile: a job goes on without us looking. */
const AWAY_MS = 60_000
/** A server that was started anew listens a moment before its new token can be read. */
const TOKEN_MS = 10_000
/** How long a hold is tried against a server that does not answer. */
const HOLD_TRIES_MS = 20_000

/** What the machine waits for, and what a person may answer. */
function waitingText(waitingFor: NonNullable<NonNullable<MachineView['state']>['job']>['waitingFor'], machineId: string): string {
  if (!waitingFor) return 'waiting for a person: look at the machine'
  const { text, answers } = waitingFor
  return `${text} "cellwright machine answer ${machineId} ${answers.join('|')}"`
}

function progressText(job: Job, machine: MachineView | undefined): string {
  if (job.state === 'waiting') return 'waiting for the machine'
  const active = machine?.state?.job
  if (active?.jobId !== job.id) return `line ${job.progress?.done ?? 0}`
  const lines = `line ${active.linesAcknowledged} of ${active.totalLines}`
  switch (active.phase) {
    case 'checking':
      return 'checking the program'
    case 'streaming':
      return lines
    case 'draining':
      return `${lines}: the last moves are being made`
    case 'holding':
      return `held at ${lines}; "cellwright resume ${machine?.id}" goes on`
    case 'waiting':
      return waitingText(active.waitingFor, machine?.id ?? '')
    case 'stopping':
      return `stopping at ${lines}`
  }
}

/** Tries until it worked, `timeoutMs` are over, or the person insists. */
async function insistOn<T>(
  work: () => Promise<T>,
  { timeoutMs, given, onTry }: { timeoutMs: number; given: AbortSignal; onTry: (error: unknown) => void },
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof OperationalError) || given.aborted || performance.now() > deadline) throw error
      onTry(error)
      await wait(POLL_MS, undefined, { signal: given }).catch(() => {})
    }
  }
}

/** Ends the following: a job that waits is cancelled, a machine that moves is held. @returns the job when it has ended by itself */
async function letGo(client: Client, job: Job, { out, interrupt }: { out: Output; interrupt: Interrupt }): Promise<Job> {
  const machineId = job.machineId ?? ''
  const options = { timeoutMs: ANSWER_MS, signal: interrupt.insisted }
  const trying = {
    timeoutMs: HOLD_TRIES_MS,
    given: interrupt.insisted,
    onTry: (error: unknown) => out.progress(`The machine is NOT held yet, still trying: ${messageOf(error)}`),
  }
  try {
    const now = await insistOn(() => client.call(getJob, { params: { jobId: job.id } }, options), trying)
    if (now.endedAt) return now
    if (now.state === 'waiting') {
      const cancelled = await insistOn(() => client.call(cancelJob, { params: { jobId: job.id }, body: {} }, options), trying)
      if (cancelled.state === 'cancelled')
        throw new UserError({
          code: 'given-up',
          message: 'The job was cancelled before its turn came. The machine was not started.',
          details: { job: cancelled },
        })
    }
    const { sentAt } = await insistOn(() => client.call(holdMachine, { params: { machineId } }, options), trying)
    throw new UserError({
      code: 'held',
      message: `The machine was told to hold and keeps its job. Go on with "cellwright resume ${machineId}", end the job with "cellwright stop ${machineId}".`,
      details: { sentAt, job: now },
    })
  } catch (error) {
    if (error instanceof UserError && (error.code === 'held' || error.code === 'given-up') && error.details !== undefined) throw error
    throw new OperationalError({
      code: 'not-held',
      message: `The machine could NOT be held: ${messageOf(error)} It may still be moving. Use its own feed hold or its emergency stop.`,
      details: { job },
      cause: error,
    })
  }
}

/**
 * @returns the job once it has ended, however it did
 * @throws UserError held, given-up after Ctrl-C; OperationalError not-held, and whatever keeps the server away for a minute
 */
export async function followJob(client: Client, job: Job, { out, interrupt }: { out: Output; interrupt: Interrupt }): Promise<Job> {
  let seenAt = performance.now()
  let unknownSince: number | undefined
  const isTokenToCome = (error: unknown) => {
    if (!(error instanceof UserError && error.status === 401)) return false
    unknownSince ??= performance.now()
    return performance.now() - unknownSince < TOKEN_MS
  }
  for (;;) {
    if (interrupt.asked.aborted) return letGo(client, job, { out, interrupt })
    try {
      const options = { timeoutMs: ANSWER_MS, signal: interrupt.asked }
      const now = await client.call(getJob, { params: { jobId: job.id } }, options)
      if (now.endedAt) return now
      const machineId = now.machineId ?? ''
      out.progress(progressText(now, await client.call(getMachine, { params: { machineId } }, options)))
      seenAt = performance.now()
      unknownSince = undefined
    } catch (error) {
      if (interrupt.asked.aborted) continue
      if (!(error instanceof OperationalError) && !isTokenToCome(error)) throw error
      if (performance.now() - seenAt > AWAY_MS)
        throw new OperationalError({
          code: 'job-out-of-sight',
          message: `${messageOf(error)} What the machine does is not known: look at it. Job ${job.id} is shown on the operator page once the server is back.`,
          details: { job },
          cause: error,
        })
      out.progress(`The server does not answer, still trying: ${messageOf(error)}`)
    }
    await wait(POLL_MS, undefined, { signal: interrupt.asked }).catch(() => {})
  }
}
