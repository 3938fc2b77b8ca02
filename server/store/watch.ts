/** Knows whether the database is there: one connection of its own that asks every few seconds, and at once on a suspicion. */
import { Client, type ClientConfig } from 'pg'
import { storeAway } from './problems.ts'

export interface Watch {
  readonly isAway: boolean
  onChange(listener: (isAway: boolean) => void): () => void
  /** Asks now; true when it answered. */
  ask(): Promise<boolean>
  /** `work`, or `store-away` as soon as the database is known to be away. */
  whileThere<T>(work: Promise<T>): Promise<T>
  close(): void
}

export interface WatchOptions {
  config: ClientConfig
  /** Between two questions. */
  everyMs: number
  /** How long an answer may take. */
  patienceMs: number
}

const RETRY_MS = 300

export function watchDatabase({ config, everyMs, patienceMs }: WatchOptions): Watch {
  const listeners = new Set<(isAway: boolean) => void>()
  const waiting = new Set<(error: Error) => void>()
  let isAway = false
  let isClosed = false
  let client: Client | undefined
  let asking: Promise<boolean> | undefined
  let timer: NodeJS.Timeout | undefined

  const drop = () => {
    client?.connection.stream.destroy()
    client = undefined
  }
  const change = (next: boolean) => {
    if (next === isAway) return
    isAway = next
    if (isAway) for (const fail of [...waiting]) fail(storeAway())
    for (const listener of [...listeners]) listener(isAway)
  }
  const answer = async (): Promise<boolean> => {
    try {
      if (!client) {
        const fresh = new Client({ ...config, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs })
        client = fresh
        fresh.on('error', () => {
          if (client !== fresh) return
          drop()
          void ask()
        })
        await fresh.connect()
      }
      await client.query('select 1')
      return true
    } catch {
      // whatever the reason (no answer, a changed password): we cannot work with it now, and ask again soon
      drop()
      return false
    }
  }
  const ask = (): Promise<boolean> => {
    if (isClosed) return Promise.resolve(false)
    asking ??= answer()
      // the first failure may be an old connection: only a fresh one proves that nobody is there
      .then((isThere) => isThere || answer())
      .then((isThere) => {
        asking = undefined
        if (isClosed) {
          drop()
          return false
        }
        change(!isThere)
        clearTimeout(timer)
        timer = setTimeout(ask, isThere ? everyMs : RETRY_MS)
        return isThere
      })
    return asking
  }
  timer = setTimeout(ask, everyMs)

  return {
    get isAway() {
      return isAway
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ask,
    whileThere(work) {
      if (isAway) {
        // whatever becomes of it, its caller has its answer
        work.catch(() => {})
        return Promise.reject(storeAway())
      }
      return new Promise((resolve, reject) => {
        const fail = (error: Error) => {
          waiting.delete(fail)
          reject(error)
        }
        waiting.add(fail)
        work.then(
          (value) => {
            waiting.delete(fail)
            resolve(value)
          },
          (error) => fail(error),
        )
      })
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      const last = client
      client = undefined
      last?.end().catch(() => {})
    },
  }
}
