/**
 * Brings firings to the flow runtime. A firing is taken from the rows by one host, its run is opened, and the runtime
 * is asked; the runtime asks back (`begins`) in the moment before the node sends, and hears yes once. So whoever dies
 * in between, the firing is sent once or waits in its row.
 */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { Runtime } from '../flows/contract.ts'
import type { Runs } from '../runs/contract.ts'
import { LATE_MS } from './decide.ts'
import type { Face } from './face.ts'
import { claimDue, type Db, endFiring, type FiringRow, type OpenFiring, putBack, setRuns } from './rows.ts'

/** How long a runtime may take to answer: just after its start it first starts its flows. */
const OFFER_MS = 15_000
/** Triggers that are brought at the same time. */
const AT_ONCE = 40
const CLAIMED_AT_ONCE = 2000

const NODE_TYPES = { time: 'cw-time-trigger', event: 'cw-event-trigger', condition: 'cw-condition-trigger', manual: 'cw-manual-trigger' } as const

export interface Offers {
  /** Brings whatever is due and may be brought; resolves when it is done. */
  offer(): Promise<void>
  /** Brings one that this host has taken. @throws what the runtime said; then it did not begin */
  bring(firing: OpenFiring): Promise<void>
}

export function createOffers(deps: {
  db: Db
  log: Logger
  runtime: Pick<Runtime, 'peer'>
  runs: Pick<Runs, 'open' | 'fail'>
  host: string
  now: () => number
  /** Does the runtime run the flows with this trigger? */
  isThere: (triggerId: string) => boolean
  /** Of which triggers this host takes firings; undefined: of all. */
  mine: () => readonly string[] | undefined
  onChange: () => void
}): Offers {
  const { db, log, runtime, runs, host, now, isThere, onChange } = deps

  const skip = async (firing: OpenFiring, reason: string) => {
    if (await endFiring(db, firing.id, { state: 'skipped', reason })) onChange()
  }

  const bring = async (firing: OpenFiring): Promise<void> => {
    const runId = firing.runId ?? newId('run')
    if (firing.runId === null) await setRuns(db, [{ id: firing.id, runId }])
    // opened once: a firing that is brought again goes on in its run
    await runs.open({
      id: runId,
      trigger: {
        nodeId: firing.triggerId,
        nodeType: NODE_TYPES[firing.kind],
        nodeName: firing.name,
        ...(firing.flowId === null ? {} : { flowId: firing.flowId }),
        ...(firing.flowName === null ? {} : { flowName: firing.flowName }),
      },
    })
    await runtime.peer().call(
      'fireTrigger',
      {
        nodeId: firing.triggerId,
        firingId: firing.id,
        runId,
        dueAt: firing.dueAt.toISOString(),
        isLate: firing.isLate,
        values: firing.values as Record<string, unknown>,
        ...(firing.by === null ? {} : { by: firing.by }),
      },
      { timeoutMs: OFFER_MS },
    )
  }

  /** Late by the trigger's own word, and not made up for on purpose. */
  const isMissed = (firing: OpenFiring): boolean =>
    firing.cause === 'time' && !firing.isLate && now() - firing.dueAt.getTime() > ((firing.face as Face).lateMs ?? LATE_MS)

  const isBusy = async (triggerId: string): Promise<boolean> => {
    const found = await db
      .selectFrom('triggerFiring')
      .innerJoin('run', 'run.id', 'triggerFiring.runId')
      .select('run.id')
      .where('triggerFiring.triggerId', '=', triggerId)
      .where('triggerFiring.state', '=', 'begun')
      .where('run.state', '=', 'active')
      .limit(1)
      .executeTakeFirst()
    return found !== undefined
  }

  /** Of the due firings of one trigger, oldest first, those that are still to run. */
  const chooseFrom = async (firings: OpenFiring[]): Promise<OpenFiring[]> => {
    const [first] = firings
    if (!first) return []
    const { missed = 'skip' } = first.face as Face
    if (!first.isOn) {
      for (const firing of firings) await skip(firing, 'off')
      return []
    }
    const late = new Set(firings.filter(isMissed))
    if (!late.size || missed === 'all') return firings
    const kept = missed === 'once' && late.size === firings.length ? firings.at(-1) : undefined
    for (const firing of late) if (firing !== kept) await skip(firing, missed === 'once' ? 'stands-for' : 'runtime-away')
    return firings.filter((firing) => firing === kept || !late.has(firing))
  }

  /** One after the other: the order of a trigger's times is kept. */
  const bringAll = async (firings: OpenFiring[]): Promise<void> => {
    for (const [index, firing] of firings.entries()) {
      const { overlap = 'start' } = firing.face as Face
      if (!isThere(firing.triggerId))
        return putBack(
          db,
          firings.slice(index).map(({ id }) => id),
        )
      if (overlap === 'skip' && (await isBusy(firing.triggerId))) {
        await skip(firing, 'overlap')
        continue
      }
      try {
        await bring(firing)
        onChange()
      } catch (error) {
        if (!(error instanceof OperationalError || error instanceof UserError))
          log.error({ err: error, triggerId: firing.triggerId }, 'a firing could not be brought')
        else log.warn({ triggerId: firing.triggerId, reason: messageOf(error) }, 'a firing waits: the flow runtime did not take it')
        // what began all the same says so in its row and is not put back
        return putBack(
          db,
          firings.slice(index).map(({ id }) => id),
        )
      }
    }
  }

  let again = false
  let offering: Promise<void> | undefined
  const offerAll = async (): Promise<void> => {
    do {
      again = false
      const firings = await claimDue(db, host, CLAIMED_AT_ONCE, deps.mine())
      if (!firings.length) return
      const chosen = await Promise.all([...Map.groupBy(firings, (firing) => firing.triggerId).values()].map(chooseFrom))
      // one statement for all; what may still be left out gets its run when it is brought
      const without = chosen.flat().filter(({ runId, face }) => runId === null && (face as Face).overlap !== 'skip')
      for (const firing of without) firing.runId = newId('run')
      await setRuns(
        db,
        without.map(({ id, runId }) => ({ id, runId: runId ?? '' })),
      )
      const groups = chosen.reverse()
      const next = async (): Promise<void> => {
        for (let group = groups.pop(); group; group = groups.pop()) await bringAll(group)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, next))
      onChange()
    } while (again)
  }

  return {
    bring,
    offer() {
      again = true
      offering ??= offerAll().finally(() => {
        offering = undefined
      })
      return offering
    },
  }
}

/** Ends a firing by hand that the runtime did not take. @returns whether it really did not begin */
export async function notTaken(db: Db, firing: Pick<FiringRow, 'id'>, reason: string): Promise<boolean> {
  return (await endFiring(db, firing.id, { state: 'failed', reason })) !== undefined
}
