/**
 * Guards and virtual controllers outlive the launcher (docs/architecture.md): this is how a new one takes
 * them over. An adopted process has no pipe: the open connection to its socket is its and our sign of life.
 */
import { connect, type Socket } from 'node:net'
import { readJsonLines, type Vitals } from '../../base/child.ts'
import { messageOf } from '../../base/errors.ts'
import { beginningOf } from '../../bootstrap/claims.mjs'
import { callsOver, type RpcCalls } from './json-rpc.ts'
import type { Ending, Life } from './life.ts'
import { pause, within } from './patience.ts'

const HELLO_MS = 5000
const ASK_EVERY_MS = 3000
/** How long a process may live on after it closed its socket. */
const LAST_BREATH_MS = 3000

/** Undefined when nobody listens there. */
export function connectTo(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined)
      else reject(error)
    })
  })
}

interface Adopted {
  pid: number
  socket: Socket
  /** What it would have told when it was ready. */
  ready?: unknown
  onSign?: (listener: (vitals: Partial<Vitals>) => void) => void
  /** Resolves when the process has agreed to end. */
  shutdown: () => Promise<void>
  complain: (text: string) => void
}

function adopted({ pid, socket, ready, onSign, shutdown, complain }: Adopted): Life {
  let hasAgreed = false
  const beginning = beginningOf(pid)
  const isAlive = () => beginning !== undefined && beginningOf(pid) === beginning
  const kill = () => {
    // never a process that got the same number since
    if (isAlive()) process.kill(pid, 'SIGKILL')
  }
  const ended = new Promise<Ending>((resolve) => {
    socket.on('error', () => {})
    socket.once('close', async () => {
      const end = performance.now() + LAST_BREATH_MS
      while (isAlive() && performance.now() < end) await pause(20)
      const isStuck = isAlive()
      kill()
      resolve({ text: isStuck ? 'it closed its socket, did not end and was ended' : 'it ended', isClean: hasAgreed && !isStuck })
    })
  })
  return {
    pid,
    isAdopted: true,
    givesSigns: onSign !== undefined,
    ready: Promise.resolve(ready),
    ended,
    onSign: (listener) => onSign?.(listener),
    onNote: () => {},
    note: () => false,
    shutdown() {
      shutdown().then(
        () => {
          hasAgreed = true
        },
        (error) => complain(`process ${pid} was asked to end: ${messageOf(error)}`),
      )
    },
    kill() {
      kill()
      socket.destroy()
    },
  }
}

export interface AdoptGuardOptions {
  socket: string
  token: string
  /** How long a moving machine may take to stand when the guard is to end. */
  standMs: number
  complain: (text: string) => void
}

/**
 * Takes over the guard that listens at a socket; undefined when there is none.
 * @throws Error when one listens and does not answer as ours would
 */
export async function adoptGuard({ socket: path, token, standMs, complain }: AdoptGuardOptions): Promise<Life | undefined> {
  const socket = await connectTo(path)
  if (!socket) return undefined
  const rpc = callsOver(socket)
  try {
    const { pid } = (await rpc.call('hello', { token, as: 'launcher' }, HELLO_MS)) as { pid: number }
    const listeners: ((vitals: Partial<Vitals>) => void)[] = []
    const asking = setInterval(() => {
      // an answer that does not come is a missing sign of life, which the keeper notices
      rpc.call('state', {}, 60_000).then(
        () => {
          for (const listener of listeners) listener({})
        },
        () => {},
      )
    }, ASK_EVERY_MS)
    socket.once('close', () => clearInterval(asking))
    return adopted({
      pid,
      socket,
      onSign: (listener) => listeners.push(listener),
      shutdown: () => endGuard(rpc, standMs),
      complain,
    })
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Holds the machine, waits until it stands, and ends the guard; a job that still waits in hold is stopped first. */
async function endGuard(rpc: RpcCalls, standMs: number): Promise<void> {
  const by = 'shutdown'
  const isStanding = async () => ((await rpc.call('state', {}, HELLO_MS)) as { isStanding?: unknown }).isStanding === true
  const canEnd = async () => {
    try {
      await rpc.call('end', {}, HELLO_MS)
      return true
    } catch {
      // machine-busy: it moves, or a job is not over
      return false
    }
  }
  const until = performance.now() + standMs
  const waitUntil = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) {
      if (performance.now() > until) return false
      await pause(50)
    }
    return true
  }
  if (await canEnd()) return
  await rpc.call('hold', { by }, HELLO_MS)
  await waitUntil(isStanding)
  if (await canEnd()) return
  await rpc.call('stop', { by, hard: false }, HELLO_MS)
  if (!(await waitUntil(canEnd))) throw new Error('its machine does not come to rest')
}

/**
 * Takes over the virtual controller that listens at a socket; undefined when there is none.
 * @throws Error when one listens and does not answer as ours would
 */
export async function adoptVirtual({ socket: path, complain }: Pick<AdoptGuardOptions, 'socket' | 'complain'>): Promise<Life | undefined> {
  const socket = await connectTo(path)
  if (!socket) return undefined
  let take: (hello: unknown) => void = () => {}
  const hello = new Promise<unknown>((resolve) => {
    take = resolve
  })
  socket.on(
    'data',
    readJsonLines(take, () => {}),
  )
  socket.on('error', () => {})
  const isThere = await within(hello, HELLO_MS)
  const { pid, port } = (isThere ? await hello : {}) as { pid?: unknown; port?: unknown }
  if (typeof pid !== 'number' || typeof port !== 'string') {
    socket.destroy()
    throw new Error('The virtual controller of an earlier start does not answer.')
  }
  return adopted({ pid, socket, ready: { port }, shutdown: async () => void socket.write('{"type":"shutdown"}\n'), complain })
}
