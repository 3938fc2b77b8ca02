/** The guard's socket: who may talk to it, and what it tells those who do. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { chmod, unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { messageOf, UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import { openRpc, type RpcHandlers, type RpcPeer } from '../../../base/rpc.ts'
import { guardNotices, guardRpc, type JobEnd } from './contract.ts'
import type { Controller } from './controller.ts'
import type { GuardEvent } from './event.ts'

type Role = 'gateway' | 'launcher'

/** The callers at the socket. */
export interface GuardServer {
  /** Something changed: told to all within `noticeMs`. */
  stateChanged(): void
  jobEnded(end: JobEnd): void
  event(event: GuardEvent): void
  count(role: Role): number
  close(): Promise<void>
}

export interface GuardServerOptions {
  socketPath: string
  token: string
  machineId: string
  guard: Controller
  log: Logger
  noticeMs: number
  /** Somebody came or went. */
  onCallers: () => void
  /** The launcher asked for the end; the guard was quiet when it did. */
  onEnd: () => void
}

/**
 * Listens on the socket.
 * @throws Error when another guard answers there: two guards would fight over one port
 */
export async function serveGuard(options: GuardServerOptions): Promise<GuardServer> {
  const { socketPath, guard, log, noticeMs } = options
  const callers = new Map<RpcPeer<typeof guardNotices>, Role>()
  let timer: NodeJS.Timeout | undefined
  let lastNoticeAt = 0

  const tellState = () => {
    clearTimeout(timer)
    timer = undefined
    lastNoticeAt = performance.now()
    if (callers.size === 0) return
    const state = guard.state()
    for (const peer of callers.keys()) peer.notify('state', state)
  }
  const greet = (socket: Socket) => {
    let isKnown = false
    const needHello = () => {
      if (!isKnown) throw new UserError({ code: 'unauthorized', message: 'Say hello with the token of this installation first.', status: 401 })
    }
    const handlers = handlersFor(options, {
      needHello,
      welcome: (role) => {
        isKnown = true
        callers.set(peer, role)
        options.onCallers()
      },
    })
    const peer: RpcPeer<typeof guardNotices> = openRpc({
      socket,
      serves: guardRpc,
      handlers,
      calls: guardNotices,
      onBug: (error, method) => log.error({ error, method }, 'a request failed unexpectedly'),
    })
    peer.closed.then(() => {
      if (callers.delete(peer)) options.onCallers()
    })
  }

  const server = createServer(greet)
  await listen(server, socketPath)
  return {
    stateChanged() {
      if (timer) return
      const sinceMs = performance.now() - lastNoticeAt
      timer = setTimeout(tellState, Math.max(0, noticeMs - sinceMs))
    },
    jobEnded(end) {
      for (const peer of callers.keys()) peer.notify('jobEnded', end)
      tellState()
    },
    event(event) {
      for (const peer of callers.keys()) peer.notify('event', event)
      if (event.kind !== 'message' && event.kind !== 'state') tellState()
    },
    count: (role) => [...callers.values()].filter((other) => other === role).length,
    async close() {
      clearTimeout(timer)
      // the last thing said may be how the job ended; nobody is waited for long
      const sent = Promise.all([...callers.keys()].map((peer) => peer.closeWhenSent()))
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 500))])
      for (const peer of callers.keys()) peer.close()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function handlersFor(
  options: GuardServerOptions,
  { needHello, welcome }: { needHello: () => void; welcome: (role: Role) => void },
): RpcHandlers<typeof guardRpc> {
  const { guard, token, machineId } = options
  const known =
    <P, R>(act: (params: P) => R) =>
    (params: P): R => {
      needHello()
      return act(params)
    }
  const done = (work: Promise<void>) => work.then(() => null)
  return {
    notifications: {},
    requests: {
      hold: known(({ by }) => guard.hold(by)),
      stop: known(({ by, hard }) => guard.stop(by, hard)),
      resume: known(({ by }) => done(guard.resume(by))),
      hello: ({ token: given, as }) => {
        if (!isSame(given, token)) throw new UserError({ code: 'unauthorized', message: 'The token is not that of this installation.', status: 401 })
        welcome(as)
        return { machineId, pid: process.pid, state: guard.state() }
      },
      state: known(() => guard.state()),
      startJob: known((request) => guard.startJob(request)),
      checkProgram: known((request) => guard.checkProgram(request)),
      planStart: known((request) => guard.planStart(request)),
      answerJob: known((request) => done(guard.answerJob(request))),
      jobStatus: known(({ jobId }) => guard.jobStatus(jobId)),
      unlock: known(({ by }) => done(guard.unlock(by))),
      home: known(({ by }) => done(guard.home(by))),
      connect: known(({ by }) => {
        guard.connect(by)
        return null
      }),
      command: known(({ line, by }) => guard.command(line, by)),
      act: known(({ action, by, lease }) => guard.act(action, { by, lease })),
      jogStart: known((request) => guard.jogStart(request)),
      jogBeat: known(({ token: jog }) => {
        guard.jogBeat(jog)
        return null
      }),
      jogEnd: known(({ token: jog }) => {
        guard.jogEnd(jog)
        return null
      }),
      takeLease: known((request) => guard.takeLease(request)),
      beatLease: known(({ token: lease }) => {
        guard.beatLease(lease)
        return null
      }),
      dropLease: known(({ token: lease }) => {
        guard.dropLease(lease)
        return null
      }),
      setInterlock: known(({ id, isSafe }) => {
        guard.setInterlock(id, isSafe)
        return null
      }),
      firmwareSettings: known(() => guard.firmwareSettings()),
      backupFirmwareSettings: known(({ by }) => done(guard.backupFirmwareSettings(by))),
      writeFirmwareSettings: known(({ settings, by }) => guard.writeFirmwareSettings(settings, by)),
      traffic: known(({ after }) => guard.traffic(after)),
      requesterGone: known(({ jobId }) => {
        guard.requesterGone(jobId)
        return null
      }),
      configure: known(({ settings }) => done(guard.configure(settings))),
      end: known(() => {
        guard.mustBeQuiet()
        // the answer goes out first
        setImmediate(options.onEnd)
        return null
      }),
    },
  }
}

/** Compares in constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

async function listen(server: Server, path: string): Promise<void> {
  const isPipe = process.platform === 'win32'
  if (!isPipe) {
    if (await isAnswered(path)) throw new Error(`Another guard answers at ${path}.`)
    await unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`The guard cannot listen at ${path}: ${messageOf(error)}`, { cause: error })))
    server.listen(path, resolve)
  })
  if (!isPipe) await chmod(path, 0o600)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
