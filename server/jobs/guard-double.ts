/**
 * A guard for tests of what the gateway does when things break: it answers the real contract on a real
 * socket, keeps a journal over its own death, and dies when told, at moments a real guard cannot be made to.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { UserError } from '../../base/errors.ts'
import { openRpc, type RpcPeer } from '../../base/rpc.ts'
import { guardNotices, guardRpc, type JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'

export interface GuardDouble {
  /** Ids that were truly started, in order. */
  readonly started: string[]
  readonly active: string | undefined
  readonly told: { requesterGone: string[]; stops: number }
  /** What the next `startJob` does. */
  next: 'run' | 'refuse' | 'die-before' | 'die-after'
  end(state: JobEnd['state'], linesSent?: number): void
  progress(lines: number): void
  /** The socket goes; the journal stays. */
  die(): Promise<void>
  live(): Promise<void>
  /** Another guard, with an empty journal. */
  forget(): void
}

export async function startGuardDouble(options: { socket: string; machineId: string }): Promise<GuardDouble> {
  const { machineId } = options
  let server: Server | undefined
  const sockets = new Set<Socket>()
  const peers = new Set<RpcPeer<typeof guardNotices>>()
  const journal = new Map<string, JobEnd | { state: 'active' }>()
  let active: string | undefined
  const started: string[] = []
  const told = { requesterGone: [] as string[], stops: 0 }
  const TOTAL = 10

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
    at: new Date().toISOString(),
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
            startedAt: new Date().toISOString(),
          },
        }
      : {}),
  })
  const end = (how: JobEnd['state'], linesSent = TOTAL) => {
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
      endedAt: new Date().toISOString(),
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
  const sent = () => ({ sentAt: new Date().toISOString() })

  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const peer = openRpc({
      socket,
      serves: guardRpc,
      calls: guardNotices,
      handlers: {
        requests: {
          hello: () => ({ machineId, pid: process.pid, state: state() }),
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
          hold: sent,
          stop() {
            told.stops += 1
            if (active) end('stopped', 4)
            return sent()
          },
          resume: () => null,
          unlock: () => null,
          home: () => null,
          connect: () => null,
          command: () => ({ answer: 'ok' }),
          requesterGone({ jobId }) {
            told.requesterGone.push(jobId)
            return null
          },
          configure: () => null,
          end: () => null,
        },
        notifications: {},
      },
    })
    peers.add(peer)
    void peer.closed.then(() => peers.delete(peer))
  }
  const live = async () => {
    const next = createServer(accept)
    server = next
    await new Promise<void>((resolve) => next.listen(options.socket, resolve))
  }
  const double: GuardDouble = {
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
