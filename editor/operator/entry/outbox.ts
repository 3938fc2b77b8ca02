/**
 * Measurements on their way: kept on this panel until the server has said that each is stored, or a person has put aside what it refused.
 * One after the other, in the order in which they were made; each has its own id, so that sending it again adds nothing.
 */
import { type Entry, type EntryResult, enterMeasurement } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'

/** An entry that waits. */
export interface Waiting {
  entry: Entry
  /** For people: which characteristic, and the value as it was shown. */
  name: string
  shown: string
  /** When it was made, and by whom. */
  madeAt: number
  by: string | undefined
  /** It was refused for good, with the server's words: a person has to see it. */
  refusal?: string
}

export interface Outbox {
  waiting(): readonly Waiting[]
  subscribe(listener: () => void): () => void
  /** Kept first, then sent. Resolves when it is stored or refused: for whoever looks at the answer. */
  add(one: Waiting): Promise<EntryResult | undefined>
  /** A person has seen what was refused. */
  putAside(entryId: string): void
  /** Sends what waits, e.g. because the line is back. */
  send(): void
  /** Whoever is signed in: what somebody else made is entered in their name. */
  isFor(name: string | undefined): void
}

export const OUTBOX_KEY = 'cellwright-entries'
const RETRY_MS = { first: 1_000, most: 15_000 }
/** Older than this it is sent with the time at which it was measured. */
const LATE_MS = 20_000

type Store = Pick<Storage, 'getItem' | 'setItem'>

/** Not the entry is wrong but the moment: nobody signed in, no line, a server that starts. */
function isForLater({ status, code }: Pick<ApiError, 'status' | 'code'>): boolean {
  return status === 0 || status >= 500 || [401, 403, 408, 425, 429].includes(status) || code === 'too-late'
}

export function createOutbox(options: {
  store: Store | undefined
  enter: (entry: Entry) => Promise<EntryResult>
  now?: () => number
  retryMs?: { first: number; most: number }
}): Outbox {
  const { store, enter, now = Date.now, retryMs = RETRY_MS } = options
  const listeners = new Set<() => void>()
  const answers = new Map<string, (result: EntryResult | undefined) => void>()
  let list: readonly Waiting[] = read(store)
  let me: string | undefined
  let sending = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let pauseMs = retryMs.first
  /** False while the storage takes nothing: then only this page knows. */
  let isKept = true

  const put = (change: (list: readonly Waiting[]) => readonly Waiting[]) => {
    // another window of this panel may have added something
    const kept = store ? read(store) : list
    const ids = new Set(kept.map(({ entry }) => entry.entryId))
    list = change(store ? [...kept, ...list.filter(({ entry }) => !isKept && !ids.has(entry.entryId))] : list)
    try {
      store?.setItem(OUTBOX_KEY, JSON.stringify(list))
      isKept = true
    } catch {
      // a full or forbidden storage: it is kept as long as this page is open
      isKept = false
    }
    for (const listener of listeners) listener()
  }
  const drop = (entryId: string) => put((all) => all.filter(({ entry }) => entry.entryId !== entryId))
  const answer = (entryId: string, result: EntryResult | undefined) => {
    answers.get(entryId)?.(result)
    answers.delete(entryId)
  }

  const sendAll = async () => {
    if (sending) return
    sending = true
    clearTimeout(timer)
    /** A characteristic that waits for a cause holds up its own values only. */
    const locked = new Set<string>()
    const later = () => {
      timer = setTimeout(() => void sendAll(), pauseMs)
      pauseMs = Math.min(pauseMs * 2, retryMs.most)
    }
    try {
      for (;;) {
        const next = list.find(({ refusal, entry }) => refusal === undefined && !locked.has(entry.characteristicId))
        if (!next) {
          if (locked.size) later()
          return
        }
        const { entryId } = next.entry
        try {
          const result = await enter(asSent(next, me, now()))
          pauseMs = retryMs.first
          drop(entryId)
          answer(entryId, result)
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          if (error.code === 'characteristic-locked') {
            locked.add(next.entry.characteristicId)
            continue
          }
          if (isForLater(error)) return later()
          put((all) => all.map((one) => (one.entry.entryId === entryId ? { ...one, refusal: error.message } : one)))
          answer(entryId, undefined)
        }
      }
    } finally {
      sending = false
    }
  }
  const send = () => {
    pauseMs = retryMs.first
    void sendAll()
  }

  return {
    waiting: () => list,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    add(one) {
      const done = new Promise<EntryResult | undefined>((resolve) => answers.set(one.entry.entryId, resolve))
      put((all) => [...all, one])
      send()
      return done
    },
    putAside: drop,
    send,
    isFor(name) {
      me = name
    },
  }
}

function asSent({ entry, by, madeAt }: Waiting, me: string | undefined, now: number): Entry {
  return {
    ...entry,
    ...(entry.at === undefined && now - madeAt > LATE_MS ? { at: new Date(madeAt).toISOString() } : {}),
    ...(entry.operator === undefined && by !== undefined && me !== undefined && by !== me ? { operator: by } : {}),
  }
}

function read(store: Store | undefined): Waiting[] {
  try {
    const kept: unknown = JSON.parse(store?.getItem(OUTBOX_KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one): one is Waiting => typeof one?.entry?.entryId === 'string') : []
  } catch {
    // something else's words under our name, or no storage at all
    return []
  }
}

function storage(): Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}

/** Of this panel. */
export const outbox = createOutbox({ store: storage(), enter: (entry) => call(enterMeasurement, { body: entry }) })
