/** Jobs in a rehearsal: one program at a time on each machine, flow jobs at once; each ends as the real queue would say. */
import { messageOf, UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { RpcParams, RpcPeer } from '../../../base/rpc.ts'
import type { JobEnd } from '../../../nodes/motion/guard/contract.ts'
import type { JobState } from '../../api/index.ts'
import type { gatewayRpc, runtimeRpc } from '../../runtime/contract.ts'
import type { RehearsalPlan } from '../plan.ts'
import type { RehearsalMachine } from './machines.ts'

type Asks<K extends keyof (typeof gatewayRpc)['requests'] & string> = RpcParams<typeof gatewayRpc, K>

interface Job {
  id: string
  kind: 'program' | 'flow'
  name: string
  nodeId: string
  state: JobState
  outcome?: unknown
  reason?: string
}

/** Tells the runtime something, as far as it is there. */
export type Say = (what: (peer: RpcPeer<typeof runtimeRpc>) => void) => void

const RUN_MS = 60_000

export class Work {
  readonly #machines: ReadonlyMap<string, RehearsalMachine>
  readonly #programs: RehearsalPlan['programs']
  readonly #say: Say
  readonly #now: () => number
  readonly #passed: (untilMs: number) => Promise<void>
  readonly #jobs = new Map<string, Job>()
  readonly #byKey = new Map<string, string>()
  readonly #queues = new Map<string, Promise<void>>()
  readonly #ends = new Map<string, (end: JobEnd) => void>()

  constructor(options: {
    machines: ReadonlyMap<string, RehearsalMachine>
    programs: RehearsalPlan['programs']
    say: Say
    now: () => number
    /** It is so late now. */
    passed: (untilMs: number) => Promise<void>
  }) {
    this.#machines = options.machines
    this.#programs = options.programs
    this.#say = options.say
    this.#now = options.now
    this.#passed = options.passed
  }

  /** Nothing is queued and no program runs; a flow job may still be with its flow. */
  get isQuiet(): boolean {
    return ![...this.#jobs.values()].some(({ kind, state }) => kind === 'program' && (state === 'waiting' || state === 'active'))
  }

  /** Programs of which a person is asked something, and flow jobs that no flow has ended. */
  get open(): Job[] {
    return [...this.#jobs.values()].filter(({ state }) => state === 'waiting' || state === 'active')
  }

  /** @throws UserError `machine-not-found`, `program-not-found`, `job-not-found` */
  runProgram(asked: Asks<'runProgram'>): { jobId: string } {
    const { machineId, program: name, key, nodeId, options, lease, isRepeat } = asked
    const known = this.#byKey.get(`program ${nodeId} ${key}`)
    if (known) return { jobId: known }
    if (isRepeat) throw new UserError({ code: 'job-not-found', status: 404, message: 'The program was not queued.' })
    const machine = this.machine(machineId)
    const program = this.#programs.find(({ id, name: its }) => id === name || its === name)
    if (!program) throw new UserError({ code: 'program-not-found', status: 404, message: `There is no program "${name}".` })
    const job: Job = { id: newId('job'), kind: 'program', name: program.name, nodeId, state: 'waiting' }
    this.#jobs.set(job.id, job)
    this.#byKey.set(`program ${nodeId} ${key}`, job.id)
    const before = this.#queues.get(machineId) ?? Promise.resolve()
    this.#queues.set(
      machineId,
      before.then(async () => {
        const atMs = this.#now()
        const sinceMs = Date.now()
        const ended = new Promise<JobEnd>((resolve) => this.#ends.set(job.id, resolve))
        job.state = 'active'
        try {
          await machine.guard.startJob({
            jobId: job.id,
            programName: program.name,
            path: program.path,
            sha256: program.sha256,
            by: `flow node ${nodeId}`,
            whenRequesterGone: 'finish',
            ...(options === undefined ? {} : { options }),
            ...(lease === undefined ? {} : { lease }),
          })
          const end = await ended
          const durationMs = machine.workedMs(sinceMs)
          // the clock ran with the motors; what a dwell took is added
          await this.#passed(atMs + durationMs)
          const { linesSent, linesAcknowledged, totalLines, text, isPositionTrusted } = end
          machine.note({ atMs, nodeId, what: program.name, state: end.state, text, durationMs, lines: linesAcknowledged })
          const outcome = { linesSent, linesAcknowledged, totalLines, durationMs: Math.round(durationMs), text, isPositionTrusted }
          this.#end(job, end.state, outcome, end.state === 'completed' ? undefined : text)
        } catch (error) {
          const reason = messageOf(error)
          machine.note({ atMs, nodeId, what: program.name, state: 'refused', text: reason, durationMs: 0 })
          this.#end(job, 'failed', undefined, reason)
        } finally {
          this.#ends.delete(job.id)
        }
      }),
    )
    return { jobId: job.id }
  }

  jobEnded(end: JobEnd): void {
    this.#ends.get(end.jobId)?.(end)
  }

  enqueue({ name, payload, key, nodeId, runId }: Asks<'enqueue'>): { jobId: string } {
    const known = key === undefined ? undefined : this.#byKey.get(`flow ${nodeId} ${key}`)
    if (known) return { jobId: known }
    const job: Job = { id: newId('job'), kind: 'flow', name, nodeId, state: 'active' }
    this.#jobs.set(job.id, job)
    if (key !== undefined) this.#byKey.set(`flow ${nodeId} ${key}`, job.id)
    // after the answer: the node that asked must know the job first
    setImmediate(() => {
      this.#say((peer) => {
        peer
          .call('runJob', { jobId: job.id, name, payload: payload ?? null, runId: runId ?? newId('run') }, { timeoutMs: RUN_MS })
          .catch((error) => this.#end(job, 'failed', undefined, messageOf(error)))
      })
    })
    return { jobId: job.id }
  }

  finish({ jobId, state, outcome, reason }: Asks<'finishJob'>): null {
    const job = this.#jobs.get(jobId)
    if (job?.state !== 'active') throw new UserError({ code: 'job-ended', status: 409, message: `The job ${jobId} has ended already.` })
    this.#end(job, state, outcome, reason)
    return null
  }

  stateOf(jobId: string): { state: JobState; outcome?: unknown; reason?: string } {
    const job = this.#jobs.get(jobId)
    if (!job) throw new UserError({ code: 'job-not-found', status: 404, message: `There is no job ${jobId}.` })
    const { state, outcome, reason } = job
    return { state, ...(outcome === undefined ? {} : { outcome }), ...(reason === undefined ? {} : { reason }) }
  }

  /** @throws UserError `machine-not-found` */
  machine(machineId: string): RehearsalMachine {
    const machine = this.#machines.get(machineId)
    if (!machine) throw new UserError({ code: 'machine-not-found', status: 404, message: `There is no machine "${machineId}".` })
    return machine
  }

  #end(job: Job, state: JobState, outcome: unknown, reason: string | undefined): void {
    job.state = state
    job.outcome = outcome
    if (reason !== undefined) job.reason = reason
    this.#say((peer) => peer.notify('jobEnded', { jobId: job.id, ...this.stateOf(job.id) }))
  }
}
