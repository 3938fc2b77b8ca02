/**
 * A guard for tests of what the gateway does: answers the real contract on a real socket, notes what it was asked,
 * keeps a journal over its own death, and dies when told, at moments a real guard cannot be made to. It runs jobs on
 * nothing at all; what a test did not teach it (`answer`) it refuses. The real one: real-guard.test.ts.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { UserError } from '../../base/errors.ts'
import { openRpc, type RpcHandlers, type RpcNotice, type RpcParams, type RpcPeer, type RpcResult } from '../../base/rpc.ts'
import { guardNotices, guardRpc, type JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'

type Guard = typeof guardRpc
type Method = keyof Guard['requests'] & string
type Answers = RpcHandlers<Guard>['requests']

export interface GuardDouble {
  /** What was asked since the start, newest last. */
  readonly asked: { method: string; params: Record<string, unknown> }[]
  /** Answers of `configure` and `end` as a machine that runs would give them. */
  isBusy: boolean
  readonly connections: number
  /** How often somebody said hello, with a right or a wrong token. */
  readonly greetings: number
  /** Teaches it a request it does not know by itself. */
  answer<K extends Method>(method: K, how: (params: RpcParams<Guard, K>) => RpcResult<Guard, K> | Promise<RpcResult<Guard, K>>): void
  tell(state: Partial<MachineState>): void
  event(event: Omit<RpcNotice<typeof guardNotices, 'event'>, 'at'>): void

  /** Ids of jobs that were truly started, in order. */
  readonly started: string[]
  readonly active: string | undefined
  readonly told: { requesterGone: string[]; stops: number; holds: number }
  /** What the next `startJob` does. */
  next: 'run' | 'refuse' | 'die-before' | 'die-after'
  /** Ends the active job. */
  end(state: JobEnd['state'], linesSent?: number): void
  progress(lines: number): void

  /** The socket goes; the journal stays. */
  die(): Promise<void>
  live(): Promise<void>
  /** Another guard, with an empty journal. */
  forget(): void
}

const TOTAL = 10
const now = () => new Date().toISOString()

/** @param options.token any is right when absent */
export async function startGuardDouble(options: { machineId: string; socket: string; token?: string }): Promise<GuardDouble> {
  const { machineId } = options
  let server: Server | undefined
  const sockets = new Set<Socket>()
  const peers = new Set<RpcPeer<typeof guardNotices>>()
  const asked: GuardDouble['asked'] = []
  const taught: Partial<Answers> = {}
  const journal = new Map<string, JobEnd | { state: 'active' }>()
  const started: string[] = []
  const told = { requesterGone: [] as string[], stops: 0, holds: 0 }
  let greetings = 0
  let active: string | undefined
  let change: Partial<MachineState> = {}

  const state = (lines = 0): MachineState => ({
    machineId,
    link: 'connected',
    controller: active ? 'run' : 'idle',
    isStanding: !active,
    isPositionTrusted: true,
    machinePositionMm: [0, 0, 0],
    workPositionMm: [0, 0, 0],
    workOffsetMm: [0, 0, 0],
    feedMmPerMin: 0,
    spindleRpm: 0,
    overridesPercent: { feed: 100, rapid: 100, spindle: 100 },
    pins: '',
    notices: [],
    at: now(),
    ...(active
      ? {
          job: {
            jobId: active,
            programName: 'test',
            phase: 'streaming' as const,
            totalLines: TOTAL,
            linesSent: lines,
            linesAcknowledged: lines,
            currentLine: lines,
            startedAt: now(),
          },
        }
      : {}),
    ...change,
  })
  const end: GuardDouble['end'] = (how, linesSent = TOTAL) => {
    if (!active) throw new Error('no job to end')
    const jobEnd: JobEnd = {
      jobId: active,
      state: how,
      text: how === 'completed' ? 'All lines ran.' : `It was ${how} after line ${linesSent}.`,
      linesSent,
      linesAcknowledged: linesSent,
      totalLines: TOTAL,
      durationMs: 5,
      isPositionTrusted: how === 'completed',
      endedAt: now(),
    }
    journal.set(active, jobEnd)
    active = undefined
    for (const peer of peers) {
      peer.notify('state', state())
      peer.notify('jobEnded', jobEnd)
    }
  }
  const die = async () => {
    for (const socket of sockets) socket.destroy()
    const last = server
    server = undefined
    await new Promise<void>((resolve) => (last ? last.close(() => resolve()) : resolve()))
  }
  const busy = () => new UserError({ code: 'machine-busy', status: 409, message: 'The machine has a job.' })

  const known: Partial<Answers> = {
    state: () => state(),
    async startJob({ jobId }) {
      const how = double.next
      double.next = 'run'
      if (how === 'refuse') throw new UserError({ code: 'outside-envelope', message: 'Line 3 leaves the envelope in X.' })
      if (how === 'die-before') {
        await die()
        return new Promise(() => {})
      }
      if (journal.has(jobId)) throw new UserError({ code: 'job-seen', message: 'This job ran before.' })
      if (active) throw new UserError({ code: 'machine-busy', message: 'Another job runs.' })
      active = jobId
      started.push(jobId)
      journal.set(jobId, { state: 'active' })
      if (how === 'die-after') {
        await die()
        return new Promise(() => {})
      }
      return { totalLines: TOTAL }
    },
    jobStatus: ({ jobId }) => journal.get(jobId) ?? null,
    hold() {
      told.holds += 1
      return { sentAt: now() }
    },
    stop() {
      told.stops += 1
      if (active) end('stopped', 4)
      return { sentAt: now() }
    },
    resume() {
      if (state().controller !== 'hold') throw new UserError({ code: 'not-held', status: 409, message: 'The machine is not held.' })
      return null
    },
    unlock: () => null,
    home: () => null,
    connect: () => null,
    command: () => ({ answer: 'ok' }),
    requesterGone({ jobId }) {
      told.requesterGone.push(jobId)
      return null
    },
    configure() {
      if (double.isBusy) throw busy()
      return null
    },
    end() {
      if (double.isBusy) throw busy()
      return null
    },
  }

  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    let isWelcome = false
    const answerTo = (method: Method) => (params: object) => {
      if (!isWelcome) throw new UserError({ code: 'not-known', status: 401, message: 'Say hello first.' })
      asked.push({ method, params: params as Record<string, unknown> })
      const answer = (taught[method] ?? known[method]) as ((params: object) => unknown) | undefined
      if (!answer) throw new UserError({ code: 'not-supported', message: `This double of a guard was not taught "${method}".` })
      return answer(params)
    }
    const peer = openRpc({
      socket,
      serves: guardRpc,
      calls: guardNotices,
      handlers: {
        notifications: {},
        requests: {
          ...(Object.fromEntries((Object.keys(guardRpc.requests) as Method[]).map((method) => [method, answerTo(method)])) as unknown as Answers),
          hello({ token }) {
            greetings += 1
            if (options.token !== undefined && token !== options.token)
              throw new UserError({ code: 'not-known', status: 401, message: 'That is not the token.' })
            isWelcome = true
            peers.add(peer)
            return { machineId, pid: process.pid, state: state() }
          },
        },
      },
    })
    void peer.closed.then(() => peers.delete(peer))
  }
  const live = async () => {
    const next = createServer(accept)
    server = next
    await new Promise<void>((resolve, reject) => {
      next.on('error', reject)
      next.listen(options.socket, resolve)
    })
  }
  const double: GuardDouble = {
    asked,
    isBusy: false,
    get connections() {
      return peers.size
    },
    get greetings() {
      return greetings
    },
    answer(method, how) {
      Object.assign(taught, { [method]: how })
    },
    tell(next) {
      change = { ...change, ...next }
      for (const peer of peers) peer.notify('state', state())
    },
    event(event) {
      for (const peer of peers) peer.notify('event', { ...event, at: now() })
    },
    started,
    get active() {
      return active
    },
    told,
    next: 'run',
    end,
    progress(lines) {
      for (const peer of peers) peer.notify('state', state(lines))
    },
    die,
    live,
    forget() {
      journal.clear()
      active = undefined
    },
  }
  await live()
  return double
}
