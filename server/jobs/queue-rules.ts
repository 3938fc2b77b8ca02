/** What a queue is set to, with its versions: how fast, and what a break of a machine does to what waits. Held and released is work, no setting. */
import type { Kysely } from 'kysely'
import { Type } from 'typebox'
import { checker } from '../../base/schema.ts'
import { QueueChange, type QueueControl } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../store/index.ts'
import { keepVersion } from '../versions/index.ts'
import { changeQueue, queueControl } from './queue-controls.ts'

const rules = checker(Type.Required(Type.Pick(QueueChange, ['rate', 'afterBreak'])))
const rulesOf = ({ rate, afterBreak }: QueueControl) => ({ rate: rate ?? null, afterBreak })

/** @returns the rules of a kept version @throws UserError invalid-input */
export const keptRules = (content: unknown): Pick<QueueChange, 'rate' | 'afterBreak'> => rules.parse(content, 'The kept version')

/** @param by.title what the queue is called, for people */
export function changeByPerson(
  db: Kysely<Database>,
  queue: string,
  change: QueueChange,
  by: { caller: Caller; title: string; restoredFrom?: string | undefined },
): Promise<QueueControl> {
  const { reason, ...wanted } = change
  return db.transaction().execute(async (tx) => {
    const before = await queueControl(tx, queue)
    const after = await changeQueue(tx, queue, wanted, by.caller.name)
    if (wanted.rate !== undefined || wanted.afterBreak !== undefined)
      await keepVersion(tx, {
        kind: 'queue',
        subject: queue,
        title: by.title,
        content: rulesOf(after),
        author: by.caller,
        reason,
        restoredFrom: by.restoredFrom,
        before: { content: rulesOf(before), author: 'Cellwright' },
      })
    return after
  })
}
