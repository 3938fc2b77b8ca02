/** Who may have the machine, and by what: types only. */

/** Who asks, and the lease they hold. */
export interface Asker {
  by: string
  lease?: number | undefined
}

/** A machine kept between actions and programs. */
export interface HeldLease {
  holder: string
  token: number
  ttlMs: number
  /** Monotonic ms. */
  endsAt: number
  timer: NodeJS.Timeout
}

/** A jog that has the machine. */
export interface Jog {
  token: number
  /** It was ended and is coming to a stand. */
  readonly isEnding: boolean
  /** @returns false when it came too late: the jog has ended */
  beat(): boolean
  end(): void
}
