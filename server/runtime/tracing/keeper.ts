/**
 * Copies of what steps are given, for the run history: so many a second and no more, by number, by size and by the time
 * that copying took. Whole runs are chosen and not single steps, since a run of which every second step is there explains
 * nothing; a step that fails is copied in any case while there is a reserve.
 */
import type { KeptMessage, TracedMessage } from '../../runs/trace.ts'
import type { Message } from '../node-red.ts'
import { type CopyLimits, copyMessage } from '../tap/copy.ts'

/** What is longer than this is no message to be sent again, and a beginning of it is enough to look at. */
const LIMITS: CopyLimits = { wholeText: 16_000, partText: 1000, items: 1000, keys: 500, bytes: 2048, size: 32_000 }
/** For each tick of the tracing (100 ms). */
const A_TICK = { copies: 50, characters: 100_000, ms: 1 }
/** Of these copies, left for steps that fail. */
const FOR_FAILURES = 10
/** A quiet second may be made up for; of time more of them: the first copies after a start are slow ones, and the first runs are looked at. */
const TICKS_SAVED = { copies: 10, characters: 10, ms: 60 }
/** Nothing costs more than what was saved: in a copy that took long, the process may have stood still. */
const MOST_MS = A_TICK.ms * TICKS_SAVED.ms
const MESSAGES_OF_A_RUN = 200
/** Characters that may wait for a gateway that is away. */
const WAITING = 8_000_000

export interface Keeper {
  /** Whether a run that begins now is kept. */
  mayBegin(): boolean
  /** @param isFailure what is left for steps that failed may be used */
  keep(message: Message, options: { seq: number; already: number; isFailure: boolean }): TracedMessage | undefined
  /** These wait no longer: they are on their way, or dropped. */
  gone(messages: readonly TracedMessage[] | undefined): void
  tick(): void
}

export function createKeeper(): Keeper {
  let waiting = 0
  const most = { copies: A_TICK.copies * TICKS_SAVED.copies, characters: A_TICK.characters * TICKS_SAVED.characters, ms: MOST_MS }
  const left = { ...most }

  return {
    mayBegin: () => waiting < WAITING && left.copies > FOR_FAILURES && left.characters > 0 && left.ms > 0,
    keep(message, { seq, already, isFailure }) {
      if (left.copies <= (isFailure ? 0 : FOR_FAILURES) || left.characters <= 0 || left.ms <= 0) return undefined
      if (already >= MESSAGES_OF_A_RUN || waiting >= WAITING) return undefined
      const began = performance.now()
      const { msg, cuts, size } = copyMessage(withoutExchange(message), LIMITS)
      // an id of ours, and the same in every message
      delete (msg as Record<string, unknown>)._run
      const kept: KeptMessage = { msg, cuts }
      const json = JSON.stringify(kept)
      left.copies -= 1
      left.characters -= json.length
      waiting += json.length
      left.ms = Math.max(left.ms - (performance.now() - began), -MOST_MS)
      return { seq, isWhole: !isFailure && cuts.every(({ path }) => path[0] === 'req'), bytes: size, json }
    },
    gone(messages) {
      for (const { json } of messages ?? []) waiting -= json.length
    },
    tick() {
      for (const key of ['copies', 'characters', 'ms'] as const) left[key] = Math.min(left[key] + A_TICK[key], most[key])
    },
  }
}

/**
 * An HTTP request as data, and its open answer left out: a message of `http in` can be sent again, only that nobody waits for
 * the answer any more. What is secret in the request (headers that say who asks) is not kept and not needed for that.
 */
function withoutExchange(message: Message): Message {
  const { req, res: _, ...rest } = message
  if (typeof req !== 'object' || req === null || !('headers' in req) || !('socket' in req)) return message
  const { method, url, headers, query, params, body } = req as Record<string, unknown>
  return { ...rest, req: { method, url, headers, query, params, ...(body === message.payload ? {} : { body }) } }
}
