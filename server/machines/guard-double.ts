/** A guard for tests of the gateway alone: answers by the contract and notes what it was asked. The real one is tested in test/. */
import { createServer, type Socket } from 'node:net'
import { UserError } from '../../base/errors.ts'
import { openRpc, type RpcPeer } from '../../base/rpc.ts'
import { guardNotices, guardRpc, type JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'

export interface GuardDouble {
  /** What was asked since the start, newest last. */
  readonly asked: { method: string; params: Record<string, unknown> }[]
  /** Answers of `configure` and `end` as a machine that runs would give them. */
  isBusy: boolean
  readonly connections: number
  /** How often somebody said hello, with a right or a wrong token. */
  readonly greetings: number
  tell(state: Partial<MachineState>): void
  endJob(end: JobEnd): void
  close(): Promise<void>
}

export async function startGuardDouble(options: { machineId: string; socket: string; token: string }): Promise<GuardDouble> {
  const asked: GuardDouble['asked'] = []
  const sockets = new Set<Socket>()
  const peers = new Set<RpcPeer<typeof guardNotices>>()
  let greetings = 0
  const now = () => new Date().toISOString()
  let state: MachineState = {
    machineId: options.machineId,
    link: 'connected',
    controller: 'idle',
    isStanding: true,
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
  }
  const busy = () => new UserError({ code: 'machine-busy', status: 409, message: 'The machine has a job.' })
  const double: GuardDouble = {
    asked,
    isBusy: false,
    get greetings() {
      return greetings
    },
    get connections() {
      return peers.size
    },
    tell(change) {
      state = { ...state, ...change, at: now() }
      for (const peer of peers) peer.notify('state', state)
    },
    endJob(end) {
      for (const peer of peers) peer.notify('jobEnded', end)
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    let isKnown = false
    const note = (method: string, params: object) => {
      if (!isKnown) throw new UserError({ code: 'not-known', status: 401, message: 'Say hello first.' })
      asked.push({ method, params: params as Record<string, unknown> })
    }
    const peer = openRpc({
      socket,
      serves: guardRpc,
      calls: guardNotices,
      handlers: {
        notifications: {},
        requests: {
          hello: ({ token }) => {
            greetings += 1
            if (token !== options.token) throw new UserError({ code: 'not-known', status: 401, message: 'That is not the token.' })
            isKnown = true
            peers.add(peer)
            return { machineId: options.machineId, pid: process.pid, state }
          },
          state: () => state,
          startJob: (params) => {
            note('startJob', params)
            return { totalLines: 1 }
          },
          jobStatus: () => null,
          hold: (params) => {
            note('hold', params)
            return { sentAt: now() }
          },
          stop: (params) => {
            note('stop', params)
            return { sentAt: now() }
          },
          resume: (params) => {
            note('resume', params)
            if (state.controller !== 'hold') throw new UserError({ code: 'not-held', status: 409, message: 'The machine is not held.' })
            return null
          },
          unlock: (params) => {
            note('unlock', params)
            return null
          },
          home: (params) => {
            note('home', params)
            return null
          },
          connect: (params) => {
            note('connect', params)
            return null
          },
          command: (params) => {
            note('command', params)
            return { answer: 'ok' }
          },
          requesterGone: (params) => {
            note('requesterGone', params)
            return null
          },
          configure: (params) => {
            note('configure', params)
            if (double.isBusy) throw busy()
            return null
          },
          end: (params) => {
            note('end', params)
            if (double.isBusy) throw busy()
            return null
          },
        },
      },
    })
    peer.closed.then(() => peers.delete(peer))
  })
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(options.socket, resolve)
  })
  return double
}
