/** How each connection is just now, as the connector host tells it. */
import type { Connection, Told } from '../api/index.ts'

interface StateNow {
  state: Connection['state']
  since: Date
  why?: Told
  /** When it is tried again. */
  retryAt?: Date
}

export interface States {
  get(connectionId: string): StateNow | undefined
  all(): [string, StateNow][]
  /** `since` stays while the state does. */
  set(connectionId: string, state: Connection['state'], more?: { why?: Told | undefined; retryAt?: number | undefined }): void
  delete(connectionId: string): void
  clear(): void
}

export function createStates(onChange: () => void): States {
  const states = new Map<string, StateNow>()
  return {
    get: (id) => states.get(id),
    all: () => [...states],
    set(id, state, { why, retryAt } = {}) {
      const before = states.get(id)
      states.set(id, {
        state,
        since: before?.state === state ? before.since : new Date(),
        ...(why === undefined ? {} : { why }),
        ...(retryAt === undefined ? {} : { retryAt: new Date(retryAt) }),
      })
      onChange()
    },
    delete(id) {
      if (states.delete(id)) onChange()
    },
    clear() {
      states.clear()
      onChange()
    },
  }
}
