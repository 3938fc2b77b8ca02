/** Holds the run of every open step: from before the step is stored until after its last one ended. */
import type { Runs } from '../runs/contract.ts'
import { type Db, lastEnded, openRuns, openStepsOf } from './rows.ts'

export interface StepHolds {
  /** A step of the run is about to be stored. */
  enter(runId: string, why: string): Promise<void>
  /** It is stored, or was not. */
  entered(runId: string): void
  /** Steps of the run ended: lets it go when none is left. */
  leave(runId: string): Promise<void>
  /** What the run waits for, in other words. */
  say(runId: string, why: string): void
  /** A step of a host that is gone goes on here: its run is this host's from now on. */
  adopt(runId: string, why: string): Promise<void>
  /** After a start of the gateway: holds what has open steps. */
  holdOpen(): Promise<void>
  /** After a start of the runtime: what its last life was about to send is lost, and its run says so. */
  compare(life: string, isNewLife: boolean): Promise<void>
}

export function createHolds({
  db,
  runs,
  host,
}: {
  db: Db
  host: string
  runs: Pick<Runs, 'hold' | 'release' | 'held' | 'unheard' | 'endUnheard' | 'fail'>
}): StepHolds {
  /** Steps on their way into the store, by run. */
  const entering = new Map<string, number>()
  /** One after the other for each run: a release must not overtake a hold. */
  const queues = new Map<string, Promise<void>>()
  const inTurn = (runId: string, work: () => Promise<void>): Promise<void> => {
    const next = (queues.get(runId) ?? Promise.resolve()).then(work)
    const settled = next.catch(() => {}) // whoever asked hears of it
    queues.set(runId, settled)
    void settled.then(() => {
      if (queues.get(runId) === settled) queues.delete(runId)
    })
    return next
  }
  return {
    async enter(runId, why) {
      entering.set(runId, (entering.get(runId) ?? 0) + 1)
      try {
        await inTurn(runId, () => runs.hold(runId, why))
      } catch (error) {
        this.entered(runId)
        throw error
      }
    },
    entered(runId) {
      const left = (entering.get(runId) ?? 1) - 1
      if (left > 0) entering.set(runId, left)
      else entering.delete(runId)
    },
    leave: (runId) =>
      inTurn(runId, async () => {
        if (entering.has(runId) || (await openStepsOf(db, runId)) > 0 || entering.has(runId)) return
        await runs.release(runId)
      }),
    adopt: (runId, why) => inTurn(runId, () => runs.hold(runId, why)),
    say: (runId, why) => void inTurn(runId, () => runs.hold(runId, why)).catch(() => {}), // only words: the next turn says them again
    async holdOpen() {
      const held = new Set(runs.held().map(({ id }) => id))
      for (const { runId, text } of await openRuns(db, host)) if (!held.has(runId)) await runs.hold(runId, text)
    },
    async compare(life, isNewLife) {
      const waiting = new Set((await openRuns(db)).map(({ runId }) => runId))
      for (const { id: runId } of runs.held()) {
        if (waiting.has(runId) || entering.has(runId)) continue
        await inTurn(runId, async () => {
          if (entering.has(runId) || (await openStepsOf(db, runId)) > 0) return
          const last = await lastEnded(db, runId)
          // this life tells by itself when it has sent what the last step gave it
          // another gateway's
          if (last !== undefined && last.host !== host) return
          if (last === undefined && isNewLife) await runs.fail(runId, 'The flow runtime was restarted while a message was on its way into a step.')
          else if (last === undefined || last.outcome === 'cancelled') await runs.release(runId)
          else if (last.life !== life)
            await runs.fail(
              runId,
              `The flow runtime was restarted in the moment in which "${last.nodeName ?? last.nodeType}" let the message go on. It was not sent again.`,
            )
        })
      }
      // what the last gateway had let go: another life of the runtime has not got it
      for (const runId of runs.unheard()) {
        const last = await lastEnded(db, runId)
        if (last && last.host === host && last.outcome !== 'cancelled' && last.life !== life)
          await runs.fail(runId, `The flow runtime was restarted before it told how the run went on behind "${last.nodeName ?? last.nodeType}".`)
      }
      runs.endUnheard()
    },
  }
}
