/**
 * Tells flows what people have decided. The gateway may end between a decision and its event: the row says that it was not told yet, and then it is
 * told at the next start.
 */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Orchestration } from '../orchestration/contract.ts'
import type { Store } from '../store/index.ts'

/** What a flow was not told yet is looked for so often. */
const TELL_EVERY_MS = 60_000

interface Decided {
  id: string
  revision: number
  number: string
}

export interface Decisions {
  /** What cannot be told now is told by the next look. */
  tellSoon(row: Decided & { isTold: boolean }): void
  /** Tells what was decided while nobody could be told. After `orchestration.start`. */
  start(): Promise<void>
  close(): void
}

/** @param deps.event name of the event that says "look"; its key is the id of the row */
export function createDecisions(deps: {
  db: Store['db']
  log: Logger
  steps: Pick<Orchestration, 'raiseEvent'>
  table: 'inspection' | 'qualityDocument'
  event: string
}): Decisions {
  const { db, log, steps, table, event } = deps
  let looking: NodeJS.Timeout | undefined

  const tell = async ({ id, revision }: Decided): Promise<void> => {
    await steps.raiseEvent({ id: `${id}-${revision}`, name: event, key: id })
    await db.updateTable(table).set({ isTold: true }).where('id', '=', id).where('revision', '=', revision).execute()
  }
  const tellAll = async () => {
    for (const row of await db.selectFrom(table).select(['id', 'number', 'revision']).where('isTold', '=', false).limit(500).execute()) await tell(row)
  }

  return {
    tellSoon(row) {
      if (row.isTold) return
      tell(row).catch((error) => log.warn({ number: row.number, reason: messageOf(error) }, 'flows could not be told of a decision yet; tried again'))
    },
    async start() {
      await tellAll()
      looking = setInterval(() => {
        tellAll().catch((error) => log.warn({ reason: messageOf(error) }, 'flows could not be told of decisions yet; tried again'))
      }, TELL_EVERY_MS)
      looking.unref()
    },
    close: () => clearInterval(looking),
  }
}
