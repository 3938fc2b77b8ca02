/** Bounds how often a machine is told to do single things: a flow in a loop must not flood a controller. */
import { UserError } from '../../../base/errors.ts'

const DEFAULT_PER_S = 20

export class CommandRate {
  readonly #perS: () => number | undefined
  readonly #now: () => number
  #times: number[] = []

  /** @param perS how many are let through in any second; asked anew every time */
  constructor(perS: () => number | undefined, now: () => number = () => performance.now()) {
    this.#perS = perS
    this.#now = now
  }

  /** Counts one. @throws UserError `too-many-commands` */
  take(): void {
    const limit = this.#perS() ?? DEFAULT_PER_S
    const now = this.#now()
    this.#times = this.#times.filter((at) => now - at < 1000)
    if (this.#times.length >= limit) {
      throw new UserError({
        code: 'too-many-commands',
        message: `More than ${limit} commands a second were given to this machine. Slow down; nothing was sent.`,
        status: 429,
      })
    }
    this.#times.push(now)
  }
}
