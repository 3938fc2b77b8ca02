/**
 * What nodes really sent in earlier runs, out of the run history: answers for their stand-ins. Of a message that was answered
 * only what the node itself has set is taken: what came along from before it belongs to that run.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Static } from 'typebox'
import { UserError } from '../../base/errors.ts'
import type { FlowNode, Hop, Recorded, RunPin, StepMessage } from '../api/index.ts'
import { readMessages } from '../runs/messages.ts'
import { readRuns, rowToRun } from '../runs/rows.ts'
import type { Database } from '../store/index.ts'
import { caseOf, type RunCase } from './from-run.ts'

type HopEntry = Static<typeof Hop>
type Values = Record<string, unknown>

/** Runs that one question looks at. */
const LOOK_AT = 2000
/** Of Node-RED and of the server: another one in every run. */
const isOwn = (name: string) => name.startsWith('_') || OWN.has(name)
/** Of HTTP: the exchange itself, and cookies, which say who asks. */
const OWN: ReadonlySet<string> = new Set(['req', 'res', 'cookies', 'responseCookies'])

export interface Recordings {
  /** Newest first, out of a bounded part of the history. */
  list(nodeId: string, page: { before?: string | undefined; limit: number }): Promise<{ recorded: Recorded[]; before?: string }>
  /** Undefined: that step is not in the history (any more), or was not kept. */
  get(nodeId: string, runId: string, seq: number): Promise<Recorded | undefined>
  /** A case made of a run. @throws UserError `run-not-found`, `message-not-kept` */
  caseOf(runId: string): Promise<RunCase>
}

export function createRecordings(deps: {
  db: Kysely<Database>
  /** Puts what is still in memory into the history. */
  flush: () => Promise<void>
  pins: { list(nodeIds?: readonly string[]): Promise<RunPin[]> }
  currentFlows: () => Promise<{ flows: FlowNode[] }>
}): Recordings {
  const { db, flush, pins, currentFlows } = deps

  const ofRun = async (nodeId: string, run: { id: string; startedAt: Date; detail: unknown }, seqs?: readonly number[]): Promise<Recorded[]> => {
    const hops = run.detail as HopEntry[]
    const sent = hops.filter(({ from, message, seq }) => from === nodeId && message !== undefined && (seqs === undefined || seqs.includes(seq)))
    if (sent.length === 0) return []
    const { flows } = await currentFlows()
    const pinned = await pins.list([nodeId])
    const inputs = new Map(sent.map(({ seq }) => [seq, hops.findLast((hop) => hop.nodeId === nodeId && hop.seq < seq && hop.message !== undefined)?.seq]))
    const wanted = [...sent.map(({ seq }) => seq), ...inputs.values()].filter((seq) => seq !== undefined)
    const messages = new Map((await readMessages(db, run.id, wanted)).map((message) => [message.seq, message]))
    return sent.flatMap(({ seq, nodeId: to, atMs }): Recorded[] => {
      const output = messages.get(seq)
      const before = inputs.get(seq)
      const set = output && setBy(output, before === undefined ? undefined : messages.get(before))
      if (!set) return []
      return [
        {
          runId: run.id,
          seq,
          at: new Date(run.startedAt.getTime() + atMs).toISOString(),
          output: outputTo(flows, nodeId, to),
          ...set,
          isPinned: pinned.some((pin) => pin.runId === run.id && pin.seq === seq),
        },
      ]
    })
  }

  return {
    async list(nodeId, { before, limit }) {
      await flush()
      const stretch = db
        .selectFrom('run')
        .select(['id', 'startedAt', 'detail'])
        .$if(before !== undefined, (q) => q.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(LOOK_AT)
      const rows = await db
        .selectFrom(stretch.as('stretch'))
        .selectAll()
        .where(sql<SqlBool>`detail @> ${JSON.stringify([{ from: nodeId }])}::jsonb`)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      const all: Recorded[] = []
      for (const row of rows) {
        for (const one of (await ofRun(nodeId, row)).toReversed()) {
          // one message over two wires is one answer
          if (!all.some((other) => other.runId === one.runId && other.output === one.output && isDeepStrictEqual(other.value, one.value))) all.push(one)
        }
        if (all.length >= limit) return { recorded: all.slice(0, limit), before: row.id }
      }
      const last = rows.at(-1)
      if (rows.length === limit && last) return { recorded: all, before: last.id }
      const edge = await db
        .selectFrom(stretch.clearSelect().select('id').as('stretch'))
        .select((e) => [e.fn.min('id').as('id'), e.fn.countAll<string>().as('count')])
        .executeTakeFirst()
      return { recorded: all, ...(edge?.id && Number(edge.count) === LOOK_AT ? { before: edge.id } : {}) }
    },
    async get(nodeId, runId, seq) {
      await flush()
      const row = await db.selectFrom('run').select(['id', 'startedAt', 'detail']).where('id', '=', runId).executeTakeFirst()
      return row && (await ofRun(nodeId, row, [seq]))[0]
    },
    async caseOf(runId) {
      await flush()
      const found = (await readRuns(db, [runId])).get(runId)
      if (!found) throw new UserError({ code: 'run-not-found', message: 'There is no such run, or it is older than what the history keeps.', status: 404 })
      const run = rowToRun(found)
      const { flows } = await currentFlows()
      const senders = [...new Set(run.detail.flatMap(({ from }) => from ?? []))]
      const all = await Promise.all(senders.map(async (nodeId) => (await ofRun(nodeId, found.row)).map((one) => ({ ...one, nodeId }))))
      const targets = new Map(run.detail.map(({ seq, nodeId }) => [seq, nodeId]))
      const sent = all.flat().map((one) => ({ ...one, to: targets.get(one.seq) ?? '' }))
      return caseOf({ run, flows, sent: sent.toSorted((a, b) => a.seq - b.seq), messages: await readMessages(db, runId) })
    },
  }
}

/** What a node has set in a message between its input and its output, as far as it was kept. */
export function setBy(output: StepMessage, input: StepMessage | undefined): Pick<Recorded, 'value' | 'leftOut'> | undefined {
  if (!isValues(output.msg)) return undefined
  const before = isValues(input?.msg) ? input.msg : {}
  const value = Object.fromEntries(
    Object.entries(output.msg).filter(([name, each]) => !isOwn(name) && (name === 'payload' || !isDeepStrictEqual(each, before[name]))),
  )
  const leftOut: string[] = []
  for (const { path } of output.cuts) {
    const [name] = path
    if (typeof name !== 'string' || !Object.hasOwn(output.msg, name) || isOwn(name) || !(name in value)) continue
    const gone = without(value, path)
    if (gone !== undefined) leftOut.push(gone)
  }
  return { value, leftOut: [...new Set(leftOut)] }
}

/** Takes out what was cut: a property where it is one, else the whole that a part of is missing. @returns its name */
function without(value: Values, path: readonly (string | number)[]): string | undefined {
  let holder = value
  const way: string[] = []
  for (const [index, name] of path.entries()) {
    if (!Object.hasOwn(holder, name)) return undefined
    way.push(String(name))
    const next = holder[name]
    if (index === path.length - 1 || !isValues(next)) {
      delete holder[name]
      return way.join('.')
    }
    // the value is the history's, read for this answer alone
    holder = next
  }
  return undefined
}

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Which output leads to that node now; the first where none does any more. */
function outputTo(flows: readonly FlowNode[], nodeId: string, target: string): number {
  const wires = flows.find(({ id }) => id === nodeId)?.wires
  const output = Array.isArray(wires) ? wires.findIndex((ends) => Array.isArray(ends) && ends.includes(target)) : -1
  return Math.max(0, output)
}
