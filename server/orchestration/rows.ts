/** The truth of every step: its row. Each change names the revision it was decided on, so that two can never both make it. */

import { type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { StepAsk, StepView } from '../api/index.ts'
import { type Database, json } from '../store/index.ts'
import type { StepChange, Wake, WireStep } from './runtime-contract.ts'

export type Db = Kysely<Database>
export type StepRow = Selectable<Database['step']>

/**
 * Stores a step, inside its parent if it has one.
 * @returns the row, and whether it is new: the same id is one step
 * @throws UserError `step-over` when the parent has ended
 */
export async function insertInside(db: Db, step: Insertable<Database['step']>): Promise<{ row: StepRow; isNew: boolean }> {
  const { parentId } = step
  if (parentId === undefined || parentId === null) return insertStep(db, step)
  return db.transaction().execute(async (tx) => {
    // an end of the parent waits for this, and finds the new step among its children
    const parent = await tx.selectFrom('step').select(['state', 'text']).where('id', '=', parentId).forShare().executeTakeFirst()
    if (parent?.state === 'waiting') return insertStep(tx, step)
    throw new UserError({
      code: 'step-over',
      status: 409,
      message: `The step that this message belongs to has ended${parent ? ` (${parent.text})` : ''}: the message goes no further.`,
    })
  })
}

async function insertStep(db: Db, step: Insertable<Database['step']>): Promise<{ row: StepRow; isNew: boolean }> {
  const inserted = await db
    .insertInto('step')
    .values(step)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted) return { row: inserted, isNew: true }
  return { row: await db.selectFrom('step').selectAll().where('id', '=', step.id).executeTakeFirstOrThrow(), isNew: false }
}

export async function findStep(db: Db, id: string): Promise<StepRow | undefined> {
  return db.selectFrom('step').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Stores a turn. Undefined when the row is no longer at that revision. */
export async function saveTurn(
  db: Db,
  turn: { id: string; revision: number; turn: string; life: string; isWakeTaken: boolean; change: StepChange; now: Date; host: string },
): Promise<StepRow | undefined> {
  const { id, revision, change, life, now, host } = turn
  const set: Updateable<Database['step']> = { turn: turn.turn, life, host, revision: revision + 1, changedAt: now }
  if (turn.isWakeTaken) set.wake = null
  if (change.kind !== undefined) set.kind = change.kind
  if (change.message !== undefined) set.message = change.message
  if (change.data !== undefined) set.data = change.data
  if (change.text !== undefined) set.text = plain(change.text)
  if (change.dueAt !== undefined) set.dueAt = change.dueAt === null ? null : new Date(change.dueAt)
  if (change.isElapsed !== undefined) set.isElapsed = change.isElapsed
  if (change.isOut !== undefined) set.isOut = change.isOut
  if (change.ask !== undefined) set.ask = change.ask === null ? null : json(change.ask)
  if (change.end) Object.assign(set, ended(change.end, now))
  return db.updateTable('step').set(set).where('id', '=', id).where('state', '=', 'waiting').where('revision', '=', revision).returningAll().executeTakeFirst()
}

/** Puts a wake on a step that has none. Undefined when it has one, or has ended. */
export async function setWake(db: Db, id: string, wake: Wake, now: Date): Promise<StepRow | undefined> {
  return db
    .updateTable('step')
    .set((e) => ({ wake: json(wake), revision: e('revision', '+', 1), changedAt: now }))
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .where('wake', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

type End = NonNullable<StepChange['end']>
const ended = ({ outcome, text }: End, now: Date) =>
  ({ state: 'ended', outcome, text: plain(text), endedAt: now, wake: null, ask: null, isOut: false, dueAt: null }) as const

/** Ends open steps and all that are inside them; returns those that were open. */
export async function endTree(db: Db, ids: readonly string[], end: End & { children: string; isRootKept?: boolean }, now: Date): Promise<StepRow[]> {
  if (!ids.length) return []
  const tree = sql<{ id: string }>`
    with recursive inside(id) as (
      select unnest(${sql.val([...ids])}::text[])
      union select child.id from step as child join inside on child."parentId" = inside.id where child.state = 'waiting')
    select id from inside`
  const all = (await tree.execute(db)).rows.map(({ id }) => id)
  const roots = new Set(ids)
  const rows: StepRow[] = []
  const set = async (part: string[], text: string) => {
    if (!part.length) return
    const update = db
      .updateTable('step')
      .set((e) => ({ ...ended({ outcome: end.outcome, text }, now), revision: e('revision', '+', 1), changedAt: now }))
      .where('id', 'in', part)
      .where('state', '=', 'waiting')
    rows.push(...(await update.returningAll().execute()))
  }
  if (!end.isRootKept) await set([...roots], end.text)
  await set(
    all.filter((id) => !roots.has(id)),
    end.children,
  )
  return rows
}

/** A step inside another one ended, and its message goes on in this life of the runtime. */
export async function noteAlive(db: Db, { parentId, part }: StepRow, life: string): Promise<void> {
  if (parentId === null || part === null) return
  await db
    .updateTable('step')
    .set({ aliveIn: sql<string>`"aliveIn" || jsonb_build_object(${String(part)}::text, ${life}::text)` })
    .where('id', '=', parentId)
    .where('state', '=', 'waiting')
    .execute()
}

/** Of what a step gave out, the parts that a restart of the runtime did not lose. */
export async function keptParts(db: Db, { id, aliveIn }: StepRow, life: string): Promise<number[]> {
  const inside = await db.selectFrom('step').select('part').distinct().where('parentId', '=', id).where('state', '=', 'waiting').execute()
  const alive = Object.entries(aliveIn).flatMap(([part, since]) => (since === life ? [Number(part)] : []))
  return [...new Set([...alive, ...inside.flatMap(({ part }) => (part === null ? [] : [part]))])]
}

/** Runs with open steps, with what the oldest of each waits for. */
/** @param host only those whose steps wait on that host */
export async function openRuns(db: Db, host?: string): Promise<{ runId: string; text: string }[]> {
  return db
    .selectFrom('step')
    .select(['runId', 'text'])
    .where('state', '=', 'waiting')
    .$if(host !== undefined, (query) => query.where('host', '=', host ?? ''))
    .distinctOn('runId')
    .orderBy('runId')
    .orderBy('createdAt')
    .execute()
}

export async function lastEnded(db: Db, runId: string): Promise<Pick<StepRow, 'outcome' | 'life' | 'host' | 'nodeName' | 'nodeType'> | undefined> {
  return db
    .selectFrom('step')
    .select(['outcome', 'life', 'host', 'nodeName', 'nodeType'])
    .where('runId', '=', runId)
    .where('state', '=', 'ended')
    .orderBy('endedAt', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Open steps inside steps that have ended. */
export async function strayChildren(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('step as child')
    .innerJoin('step as parent', 'parent.id', 'child.parentId')
    .select('child.id')
    .where('child.state', '=', 'waiting')
    .where('parent.state', '=', 'ended')
    .execute()
  return rows.map(({ id }) => id)
}

/** Open steps of a run, oldest first; of one job only those whose message carries it as `job in` gave it out. */
export async function openOf(db: Db, runId: string, jobId?: string): Promise<Pick<StepRow, 'id' | 'text'>[]> {
  return db
    .selectFrom('step')
    .select(['id', 'text'])
    .where('runId', '=', runId)
    .where('state', '=', 'waiting')
    .$if(jobId !== undefined, (query) => query.where(sql<boolean>`message::jsonb #>> '{job,id}' = ${jobId ?? ''} and message::jsonb #> '{job,state}' is null`))
    .orderBy('createdAt')
    .execute()
}

export async function openStepsOf(db: Db, runId: string): Promise<number> {
  const found = await db
    .selectFrom('step')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('runId', '=', runId)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return Number(found?.count ?? 0)
}

/** PostgreSQL's text cannot hold the character 0. */
export const plain = (text: string): string => text.replaceAll('\0', '').slice(0, 1000)

/** @param kept see {@link keptParts} */
export function toWire(row: StepRow, kept?: number[]): WireStep {
  return {
    id: row.id,
    runId: row.runId,
    nodeId: row.nodeId,
    kind: row.kind,
    message: row.message,
    data: row.data,
    text: row.text,
    isOut: row.isOut,
    life: row.life,
    revision: row.revision,
    createdAt: row.createdAt.getTime(),
    ...(kept === undefined ? {} : { kept }),
    ...(row.parentId === null ? {} : { parentId: row.parentId }),
    ...(row.key === null ? {} : { key: row.key }),
    ...(row.dueAt === null ? {} : { dueAt: row.dueAt.getTime() }),
    ...(row.wake === null ? {} : { wake: row.wake as Wake }),
  }
}

/** The row as the API gives it. */
export function toView(row: StepRow, isNodeMissing: boolean): StepView {
  return {
    id: row.id,
    runId: row.runId,
    nodeId: row.nodeId,
    nodeType: row.nodeType,
    kind: row.kind,
    state: row.state,
    text: row.text,
    since: row.createdAt.toISOString(),
    isOut: row.isOut,
    isNodeMissing: row.state === 'waiting' && isNodeMissing,
    ...(row.nodeName === null ? {} : { nodeName: row.nodeName }),
    ...(row.parentId === null ? {} : { parentId: row.parentId }),
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.dueAt === null ? {} : { dueAt: row.dueAt.toISOString() }),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt.toISOString() }),
    ...(row.key === null ? {} : { key: row.key }),
    ...(row.ask === null ? {} : { ask: row.ask as StepAsk }),
  }
}
