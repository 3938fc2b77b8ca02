/** The last debug messages, for whoever opens the designer after something happened. Bounded in number and size. */

const KEPT = 100
const CHARACTERS_KEPT = 500_000

export interface DebugHistory {
  add(messages: readonly unknown[]): void
  /** Oldest first. */
  list(): unknown[]
}

export function createDebugHistory(): DebugHistory {
  const kept: { message: unknown; size: number }[] = []
  let total = 0
  return {
    add(messages) {
      for (const message of messages.slice(-KEPT)) {
        const size = sizeOf(message)
        if (size > CHARACTERS_KEPT / 4) continue
        kept.push({ message, size })
        total += size
      }
      while (kept.length > KEPT || total > CHARACTERS_KEPT) total -= kept.shift()?.size ?? total
    },
    list: () => kept.map(({ message }) => message),
  }
}

/** Roughly: what a debug node sends is text, with a few words about it. */
function sizeOf(message: unknown): number {
  const text = (message as { msg?: unknown } | null)?.msg
  return 200 + (typeof text === 'string' ? text.length : (JSON.stringify(message)?.length ?? 0))
}
