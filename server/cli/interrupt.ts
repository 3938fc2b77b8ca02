/** Ctrl-C, a closed terminal or a kill, for commands that must not leave a machine running unseen. */
import { UserError } from '../../base/errors.ts'

/** A Ctrl-C may come twice, from the terminal and from npm: only a later one means hurry. */
const SAME_SIGNAL_MS = 500
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface Interrupt {
  /** Aborted at the first signal. */
  readonly asked: AbortSignal
  /** Aborted at the second: the person wants the command to end, whatever becomes of its work. */
  readonly insisted: AbortSignal
  /** @throws UserError given-up when asked */
  throwIfAsked(message: string): void
  close(): void
}

/** From here to `close` the signals do not end the process by themselves. */
export function watchInterrupt(): Interrupt {
  const asked = new AbortController()
  const insisted = new AbortController()
  let askedAt = 0
  const onSignal = () => {
    const now = performance.now()
    if (!asked.signal.aborted) {
      askedAt = now
      asked.abort()
    } else if (now - askedAt > SAME_SIGNAL_MS) insisted.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    asked: asked.signal,
    insisted: insisted.signal,
    throwIfAsked(message) {
      if (asked.signal.aborted) throw new UserError({ code: 'given-up', message })
    },
    close() {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
