/**
 * Brings events to the gateway in their order, many at once when they come fast, again and again until they are stored.
 * What waits is bounded: `isFull` says when the source must be let wait.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf, toErrorMessage, UserError } from '../base/errors.ts'
import { type ConnectorContext, MAX_EVENTS, type OutsideEvent, type Told, toldOf } from './contract.ts'

/** Events that wait at most before the source is let wait. */
const MAX_WAITING = 2000
/** One call carries no more than about this, so that a batch of large files does not stand in the way of a stop. */
const MAX_BYTES = 2_000_000
const RETRY_MS = 1000
const TRIES_OF_A_BUG = 5

/** `stored`: with the gateway. `refused`: it never will be, and that was told. `closed`: the connection ended first. */
export type Fate = 'stored' | 'refused' | 'closed'

export interface Teller {
  /** Resolves when it is known what became of the event. */
  tell(event: OutsideEvent): Promise<Fate>
  readonly isFull: boolean
  /** Resolves when there is room again. */
  room(): Promise<void>
  /** Resolves when nothing is under way. */
  close(): Promise<void>
}

export function createTeller(context: ConnectorContext, onTrouble: (trouble?: Told) => void): Teller {
  const waiting: { event: OutsideEvent; bytes: number; end: (fate: Fate) => void }[] = []
  const wanting: (() => void)[] = []
  let telling: Promise<void> | undefined

  const next = () => {
    let bytes = 0
    const count = waiting.slice(0, MAX_EVENTS).findIndex((one, index) => {
      bytes += one.bytes
      return index > 0 && bytes > MAX_BYTES
    })
    return waiting.slice(0, count < 0 ? MAX_EVENTS : count)
  }
  const end = (count: number, fate: Fate) => {
    for (const one of waiting.splice(0, count)) one.end(fate)
    if (waiting.length < MAX_WAITING) for (const go of wanting.splice(0)) go()
  }
  const refuse = (event: OutsideEvent, error: unknown) => context.problem({ source: event.subject, reason: messageOf(error) })

  /** One by one: one of a batch cannot be taken, and nobody knows which. A bug is tried a few times, lest it hold up all others for ever. */
  const tellSingly = async (): Promise<void> => {
    for (let tries = 1; waiting[0] && !context.signal.aborted; ) {
      const [{ event }] = waiting as [(typeof waiting)[0]]
      try {
        await context.events([event])
        end(1, 'stored')
        return
      } catch (error) {
        const { kind } = toErrorMessage(error)
        if (kind === 'operational') throw error
        if (error instanceof UserError || tries >= TRIES_OF_A_BUG) {
          refuse(event, error)
          end(1, 'refused')
          tries = 0
        }
        tries += 1
        if (tries > 1) await pause()
      }
    }
  }
  const pause = () => wait(RETRY_MS, undefined, { signal: context.signal }).catch(() => {}) // closed meanwhile
  let isTelling = false
  const tellAll = async (): Promise<void> => {
    while (waiting.length && !context.signal.aborted) {
      const batch = next()
      try {
        try {
          await context.events(batch.map(({ event }) => event))
          end(batch.length, 'stored')
        } catch (error) {
          if (toErrorMessage(error).kind === 'operational') throw error
          await tellSingly()
        }
        onTrouble()
      } catch (error) {
        onTrouble(toldOf(error))
        await pause()
      }
    }
    if (context.signal.aborted) end(waiting.length, 'closed')
    isTelling = false
  }

  return {
    tell(event) {
      return new Promise((resolve) => {
        waiting.push({ event, bytes: JSON.stringify(event.payload)?.length ?? 0, end: resolve })
        if (isTelling) return
        isTelling = true
        telling = tellAll()
      })
    },
    get isFull() {
      return waiting.length >= MAX_WAITING
    },
    room: () => (waiting.length < MAX_WAITING ? Promise.resolve() : new Promise((resolve) => wanting.push(resolve))),
    async close() {
      await telling
    },
  }
}
