/** Who may take which way into the runtime, and how much of it may be under way at a time. */
import type { Capability } from '../api/index.ts'
import type { Way } from '../runtime/ways.ts'

/** The capability that opens a way. A flow's endpoint can start work, as a button on the panel can. */
export const ACCESS = { red: 'flows.code', stock: 'flows.view', dashboard: 'machines.view', hooks: 'panel.press' } as const satisfies Record<Way, Capability>

/** What may be under way at a time, requests and open WebSockets. @defaultValue as in the table */
export type ProxyLimits = Record<Way, { requests: number; sockets: number }>
export const LIMITS: ProxyLimits = {
  red: { requests: 64, sockets: 32 },
  // an editor's start asks for some hundred files; it has no socket
  stock: { requests: 128, sockets: 0 },
  // each person's page holds one of either
  dashboard: { requests: 256, sockets: 256 },
  hooks: { requests: 256, sockets: 64 },
}

interface Gate {
  /** A place, given back by the function; undefined when all are taken. */
  enter(): (() => void) | undefined
}

export function gates(limitOf: (way: Way) => number): Record<Way, Gate> {
  const gate = (limit: number): Gate => {
    let taken = 0
    return {
      enter() {
        if (taken >= limit) return undefined
        taken += 1
        return () => {
          taken -= 1
        }
      },
    }
  }
  return { red: gate(limitOf('red')), stock: gate(limitOf('stock')), dashboard: gate(limitOf('dashboard')), hooks: gate(limitOf('hooks')) }
}
