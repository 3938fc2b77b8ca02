/**
 * Short-lived signed notes that stand for a person inside the runtime: who it is and what they may do. The runtime
 * cannot make or change one; it hands them back with `whois` and `saveFlows`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { checker } from '../../base/schema.ts'
import { CAPABILITIES, type Capability } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Way } from '../runtime/ways.ts'

/** A ticket outlives the request it comes with, and is used for the requests that follow at once. */
const TICKET_LIFE_MS = 60_000
const TICKET_REUSE_MS = 20_000

const Ticket = Type.Object({
  name: Type.String(),
  userName: Type.String(),
  userId: Type.Optional(Type.String()),
  capabilities: Type.Array(Type.String()),
  /** `editor` for the stock editor, else the deploy that it belongs to. */
  use: Type.String(),
  /** Epoch ms. */
  expiresAt: Type.Number(),
})
const ticket = checker(Ticket)

interface TicketFacts extends Omit<Static<typeof Ticket>, 'capabilities'> {
  capabilities: ReadonlySet<Capability>
}

export interface Tickets {
  issue(caller: Pick<Caller, 'name' | 'userName' | 'capabilities'> & Partial<Pick<Caller, 'userId'>>, use: string, lifeMs: number): string
  /** Undefined for what we did not sign, and for what has expired. */
  read(text: string): TicketFacts | undefined
}

/** @param key secret of this gateway; a new one at each start makes older tickets worthless */
export function createTickets(key: Buffer, now: () => number = Date.now): Tickets {
  const sign = (body: string) => createHmac('sha256', key).update(body).digest()
  return {
    issue({ name, userName, userId, capabilities }, use, lifeMs) {
      const facts: Static<typeof Ticket> = {
        name,
        userName,
        ...(userId === undefined ? {} : { userId }),
        capabilities: [...capabilities],
        use,
        expiresAt: now() + lifeMs,
      }
      const body = Buffer.from(JSON.stringify(facts)).toString('base64url')
      return `${body}.${sign(body).toString('base64url')}`
    },
    read(text) {
      const [body = '', signature = '', ...rest] = text.split('.')
      const given = Buffer.from(signature, 'base64url')
      const right = sign(body)
      if (rest.length || given.length !== right.length || !timingSafeEqual(given, right)) return undefined
      const facts: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
      if (!ticket.is(facts) || facts.expiresAt < now()) return undefined
      return { ...facts, capabilities: new Set(facts.capabilities.filter((name): name is Capability => Object.hasOwn(CAPABILITIES, name))) }
    },
  }
}

/** Tickets for callers: one serves the requests of some seconds. Only the editor's carries rights, and that of its dialogs the right to read. */
export function ticketBook(tickets: Pick<Tickets, 'issue'>): (caller: Caller, way: Way) => string {
  const books: Record<Way, WeakMap<Caller, { text: string; until: number }>> = {
    red: new WeakMap(),
    stock: new WeakMap(),
    dashboard: new WeakMap(),
    hooks: new WeakMap(),
  }
  return (caller, way) => {
    const now = performance.now()
    const found = books[way].get(caller)
    if (found && found.until > now) return found.text
    const text =
      way === 'red' || way === 'stock'
        ? tickets.issue(caller, way === 'red' ? 'editor' : 'stock', TICKET_LIFE_MS)
        : tickets.issue({ name: caller.name, userName: caller.userName, capabilities: new Set() }, way, TICKET_LIFE_MS)
    books[way].set(caller, { text, until: now + TICKET_REUSE_MS })
    return text
  }
}
