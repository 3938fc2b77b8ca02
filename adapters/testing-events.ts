/** The gateway's side of a connection that tells of events, for tests: what it was told, and a switch to be away. */
import { OperationalError } from '../base/errors.ts'
import type { ConnectorContext, Mark, OutsideEvent, Told } from './contract.ts'

export function eventGateway() {
  const events: OutsideEvent[] = []
  const problems: { source: string; reason: string }[] = []
  const states: { state: string; text?: string | undefined; code?: string | undefined }[] = []
  const abort = new AbortController()
  const marks: Record<string, string> = {}
  let isAway = false
  let held: Promise<void> | undefined
  let tries = 0
  let calls = 0
  const context: ConnectorContext = {
    offer: () => Promise.reject(new Error('offers nothing')),
    async events(batch, mark?: Mark) {
      tries += batch.length
      calls += 1
      // as the real one: an answer comes later
      await new Promise((resolve) => setImmediate(resolve))
      await held
      if (isAway) throw new OperationalError({ code: 'store-away', message: 'The store is away.' })
      events.push(...batch)
      if (mark) marks[mark.name] = mark.value
    },
    marks: async () => ({ ...marks }),
    problem: (problem) => void problems.push(problem),
    state: (state, why?: Told) => void states.push({ state, text: why?.text, code: why?.code }),
    signal: abort.signal,
  }
  return {
    context,
    events,
    marks,
    problems,
    states,
    tries: () => tries,
    /** How often it was called, with however many events. */
    calls: () => calls,
    /** Lets calls wait until it is called. */
    hold() {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return () => release()
    },
    be: (away: boolean) => {
      isAway = away
    },
    /** As the host does before it closes a connection. */
    end: () => abort.abort(),
  }
}
