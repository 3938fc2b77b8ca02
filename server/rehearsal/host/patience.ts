/** How long the rehearsal waits for the shadow runtime, whose flows may hold nodes that work on without a pause. */
import { OperationalError, UserError } from '../../../base/errors.ts'

/** For an answer of the shadow. */
export const ANSWER_MS = 60_000
/** Whoever stops a rehearsal waits no longer than this. */
const GIVE_UP_MS = 1500

export class Patience {
  readonly #givenUp: Promise<never>

  /** @param signal after it nothing is waited for long */
  constructor(signal: AbortSignal) {
    this.#givenUp = new Promise((_resolve, reject) => {
      const giveUp = () => setTimeout(() => reject(neverRests()), GIVE_UP_MS).unref()
      if (signal.aborted) giveUp()
      else signal.addEventListener('abort', giveUp, { once: true })
    })
    // perhaps nothing is ever waited for
    this.#givenUp.catch(() => {})
  }

  /** @param asked a call with {@link ANSWER_MS}. @throws UserError `flow-never-rests` */
  for<T>(asked: Promise<T>): Promise<T> {
    const answered = asked.catch((error: unknown) => {
      throw error instanceof OperationalError && error.code === 'timed-out' ? neverRests() : error
    })
    return Promise.race([answered, this.#givenUp])
  }
}

export const isNeverRests = (error: unknown): error is UserError => error instanceof UserError && error.code === 'flow-never-rests'

const neverRests = () =>
  new UserError({
    code: 'flow-never-rests',
    status: 422,
    message: 'A node works on without a pause (an endless loop, for example): nothing else can happen in its flow. Look at what it was given last.',
  })
