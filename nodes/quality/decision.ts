/**
 * Waiting for what people decide of a thing that was begun (an inspection, a report, a lot): a stored step, over restarts and with a
 * deadline. An event says no more than that it may be worth a look; what was decided is asked of the thing itself.
 */
import type { TProperties } from 'typebox'
import type { Message, NodeContext } from '../define-node/index.ts'
import type { Step, Turn } from '../orchestration/services.ts'
import { spanInWords, waitingStatus } from '../orchestration/words.ts'

export interface DecisionWait<Data> {
  /** Resolves when it waits, or has found it decided. */
  wait(on: { message: Message; data: Data; key: string; text: string }): Promise<void>
  close(): void
}

export function awaitDecision<Data, Now>(
  context: Pick<NodeContext<TProperties>, 'id' | 'type' | 'name' | 'services' | 'status'>,
  of: {
    now(data: Data): Promise<Now>
    /** What follows from it; undefined while nobody has decided. */
    end(message: Message, now: Now): Turn<Data> | undefined
    /** Seconds; 0: for ever. */
    deadline: number
    /** Nobody has decided within the deadline: in words, and where the message goes with them. */
    late: { text(data: Data, span: string): string; send(message: Message, text: string, data: Data): void }
  },
): DecisionWait<Data> {
  const { now, end, deadline, late } = of
  const handle = context.services.steps.register<Data>({
    nodeId: context.id,
    nodeType: context.type,
    name: context.name,
    async onWake(step: Step<Data>, wake) {
      if (wake.kind === 'event') return end(step.message, await now(step.data)) ?? { text: step.text }
      if (wake.kind !== 'due') return undefined
      const text = late.text(step.data, spanInWords(deadline))
      return { end: { outcome: 'timed-out', text }, after: () => late.send(step.message, text, step.data) }
    },
    onChange: (open) => context.status(waitingStatus(open)),
  })
  return {
    async wait({ message, data, key, text }) {
      const step = await handle.open({ message, kind: 'event', data, key, text, ...(deadline ? { dueAt: Date.now() + deadline * 1000 } : {}) })
      // it may have been decided before anybody waited for it
      await handle.turn(step.id, async (open) => end(open.message, await now(open.data)))
    },
    close: () => handle.close(),
  }
}
