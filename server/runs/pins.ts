/** Outputs of nodes that are pinned to a message of a run: what a rehearsal takes them to send. */
import type { Kysely, Selectable } from 'kysely'
import type { RunPin } from '../api/index.ts'
import type { Database } from '../store/tables.ts'

type Db = Kysely<Database>

interface NewPin {
  nodeId: string
  /** @defaultValue 0 */
  output?: number | undefined
  msg: unknown
  /** Where the message comes from. */
  runId?: string | undefined
  seq?: number | undefined
  by: string
}

export interface Pins {
  /** @param nodeIds only of these @defaultValue all */
  list(nodeIds?: readonly string[]): Promise<RunPin[]>
  get(nodeId: string, output?: number): Promise<RunPin | undefined>
  /** One pin an output: another one replaces it. */
  set(pin: NewPin): Promise<RunPin>
  /** All outputs of the node. */
  remove(nodeId: string): Promise<void>
}

export function createPins(db: Db): Pins {
  return {
    async list(nodeIds) {
      const rows = await db
        .selectFrom('runPin')
        .selectAll()
        .$if(nodeIds !== undefined, (q) => q.where('nodeId', 'in', nodeIds?.length ? [...nodeIds] : ['']))
        .orderBy('at', 'desc')
        .execute()
      return rows.map(toPin)
    },
    async get(nodeId, output = 0) {
      const row = await db.selectFrom('runPin').selectAll().where('nodeId', '=', nodeId).where('output', '=', output).executeTakeFirst()
      return row && toPin(row)
    },
    async set({ nodeId, output = 0, msg, runId, seq, by }) {
      const values = { message: JSON.stringify(msg), runId: runId ?? null, seq: seq ?? null, by, at: new Date() }
      const row = await db
        .insertInto('runPin')
        .values({ nodeId, output, ...values })
        .onConflict((conflict) => conflict.columns(['nodeId', 'output']).doUpdateSet(values))
        .returningAll()
        .executeTakeFirstOrThrow()
      return toPin(row)
    },
    async remove(nodeId) {
      await db.deleteFrom('runPin').where('nodeId', '=', nodeId).execute()
    },
  }
}

function toPin({ nodeId, output, message, runId, seq, by, at }: Selectable<Database['runPin']>): RunPin {
  return {
    nodeId,
    output,
    msg: JSON.parse(message) as unknown,
    ...(runId === null ? {} : { runId }),
    ...(seq === null ? {} : { seq }),
    by,
    at: at.toISOString(),
  }
}
