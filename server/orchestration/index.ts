/** Durable steps of orchestration nodes: stores turns, wakes steps, asks people, lends named resources. README.md says what is promised. */
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams } from '../../base/rpc.ts'
import { answerAsk, endStep, type FlowNode, getStep, listAsks, listLocks as listLocksRoute, listSteps, raiseEvent as raiseEventRoute } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import type { RpcPart } from '../flows/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import { json, type Store } from '../store/index.ts'
import { createAsks } from './asks.ts'
import type { Orchestration } from './contract.ts'
import { createFollowUps } from './follow-ups.ts'
import { createHolds } from './holds.ts'
import { listLocks, settleLock, takeSlot } from './locks.ts'
import { motionBehind } from './motion-behind.ts'
import { endTree, findStep, insertInside, noteAlive, openOf, plain, type StepRow, saveTurn, setWake, strayChildren, toView, toWire } from './rows.ts'
import { bounded, DATA_LIMIT, MESSAGE_LIMIT, type Wake } from './runtime-contract.ts'
import { runsToStop, stopRuns, type WorkStopper } from './stop-work.ts'
import { type Clock, createWaker } from './wake.ts'

const KEEP_ENDED_MS = 30 * 86_400_000
const TRIM_EVERY_MS = 10 * 60_000
const TRIM_CHUNK = 5000
/** Steps told to a runtime that starts: more than that are for nobody's status. */
const TOLD_AT_START = 5000

export interface OrchestrationPart extends Orchestration {
  rpc: RpcPart
  routes: RouteHandler[]
  /** Compares held runs with what waits, and begins to wake; after `runs.start`. */
  start(): Promise<void>
  /** Looks at once for what is due; by itself it looks every few seconds. */
  look(): void
  /** For `/metrics`. */
  counts(): { woken: number; failed: number; jumps: number; opened: number; ended: number }
  close(): Promise<void>
}

export interface OrchestrationDeps {
  store: Pick<Store, 'db'>
  log: Logger
  live: LiveHub
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  runs: Pick<Runs, 'hold' | 'release' | 'held' | 'unheard' | 'endUnheard' | 'fail' | 'link'>
  audit: Audit
  /** Cancels jobs that runs asked for. */
  jobs: WorkStopper
  currentFlows: () => Promise<{ flows: readonly FlowNode[]; rev: string }>
  /** Tells this gateway and its runtime from those of other hosts on the same database, over restarts. @defaultValue the only one */
  host?: string
  /** Steps of that node are not for this host. @defaultValue none */
  isElsewhere?: (nodeId: string) => boolean
  /** Steps of a host that is silent for so long go on here. @defaultValue 60 s */
  goneMs?: number
  /** @defaultValue the computer's clocks */
  clock?: Clock
}

export function createOrchestration(deps: OrchestrationDeps): OrchestrationPart {
  const { store, log, live, runtime, runs, audit, jobs, currentFlows, host = 'here' } = deps
  const { db } = store
  const clock = deps.clock ?? { now: () => Date.now(), elapsed: () => performance.now() }
  const counts = { opened: 0, ended: 0 }
  const date = () => new Date(clock.now())
  const holds = createHolds({ db, runs, host })
  const followUps = createFollowUps({ log })
  const motion = new Map<string, boolean>()
  const slots = new Map<string, Promise<unknown>>()
  let motionRev = ''
  let lastLife: string | undefined
  let trimming: NodeJS.Timeout | undefined

  const lockSettled = async (name: string) => {
    if ((await settleLock(db, name, date())) !== undefined) waker.poke()
  }
  const waker = createWaker({
    db,
    host,
    runtime,
    log,
    clock,
    leaseOver: lockSettled,
    adopt: ({ runId, text }) => holds.adopt(runId, text),
    isElsewhere: deps.isElsewhere ?? (() => false),
    ...(deps.goneMs === undefined ? {} : { goneMs: deps.goneMs }),
  })
  const asks = createAsks({ db, live, log })
  runtime.onConnection((isConnected) => {
    if (!isConnected) waker.gone()
  })

  /** What follows from steps that are over: their runs, locks and cards. */
  const settleEnded = async (rows: readonly StepRow[], sending?: string) => {
    counts.ended += rows.length
    if (rows.some(({ ask }) => ask !== null)) asks.changed()
    await followUps.do(async () => {
      for (const name of new Set(rows.flatMap(({ kind, key }) => (kind === 'lock' && key !== null ? [key] : [])))) await lockSettled(name)
      for (const runId of new Set(rows.map((row) => row.runId))) if (runId !== sending) await holds.leave(runId)
    })
  }

  const tellEnded = (rows: readonly StepRow[]) => {
    for (const { id, nodeId, runId, text } of rows) {
      try {
        runtime.peer().notify('stepEnded', { id, nodeId, runId, text })
      } catch (error) {
        // away: a runtime that starts asks for what is open
        if (!(error instanceof OperationalError)) throw error
        return
      }
    }
  }

  const endNow = async (ids: readonly string[], end: Parameters<typeof endTree>[2]): Promise<StepRow[]> => {
    const rows = await endTree(db, ids, end, date())
    tellEnded(rows)
    // what rows looked like before they ended is gone; a card may have been among them
    asks.changed()
    await settleEnded(rows)
    return rows
  }

  const endOpen = async (rows: readonly Pick<StepRow, 'id'>[], reason: string): Promise<number> => {
    const ids = rows.map(({ id }) => id)
    return (await endNow(ids, { outcome: 'cancelled', text: reason, children: reason })).length
  }

  type Open = RpcParams<typeof gatewayRpc, 'openStep'>
  const open = async (step: Open): Promise<StepRow> => {
    bounded(step.message, MESSAGE_LIMIT)
    bounded(step.data, DATA_LIMIT)
    const { id, runId, parentId, part, nodeName, key, dueAt, ask, isElapsed, text, ...rest } = step
    // who came first is who asked first
    const now = date()
    waker.seen(step.nodeId)
    await holds.enter(runId, text)
    let row: StepRow
    let isNew: boolean
    try {
      ;({ row, isNew } = await insertInside(db, {
        ...rest,
        id,
        runId,
        host,
        state: 'waiting',
        text: plain(text),
        nodeName: nodeName === undefined ? null : plain(nodeName),
        parentId: parentId ?? null,
        part: part ?? null,
        key: key === undefined ? null : plain(key),
        dueAt: dueAt === undefined ? null : new Date(dueAt),
        isElapsed: isElapsed ?? false,
        ask: ask === undefined ? null : json(ask),
        createdAt: now,
        changedAt: now,
      }))
    } catch (error) {
      holds.entered(runId)
      // refused for good: its run must not wait for a step that never was. What passes is asked for again
      if (error instanceof UserError) await holds.leave(runId)
      throw error
    }
    holds.entered(runId)
    if (isNew) {
      counts.opened += 1
      if (ask !== undefined) asks.changed()
    }
    if (row.kind === 'lock' && row.key !== null) await lockSettled(row.key)
    if (row.dueAt) waker.expect(row.dueAt.getTime())
    return row
  }

  type Save = RpcParams<typeof gatewayRpc, 'saveStep'>
  const save = async (turn: Save): Promise<StepRow> => {
    const { id, change } = turn
    bounded(change.message ?? '', MESSAGE_LIMIT)
    bounded(change.data ?? '', DATA_LIMIT)
    const before = change.end ? await findStep(db, id) : undefined
    const row = (await saveTurn(db, { ...turn, now: date(), host })) ?? (await sameTurn(turn))
    waker.turned(id)
    if (change.ask !== undefined || (before?.ask ?? null) !== null) asks.changed()
    if (row.state === 'ended') {
      await noteAlive(db, row, turn.life)
      const children = await endTree(db, [id], { outcome: 'cancelled', text: '', children: 'The step around it has ended.', isRootKept: true }, date())
      tellEnded(children)
      await settleEnded([...children, row], turn.isSending ? row.runId : undefined)
    } else {
      if (row.dueAt) waker.expect(row.dueAt.getTime())
      if (change.text !== undefined) holds.say(row.runId, row.text)
    }
    return row
  }

  /** The row of a turn that is asked for again since its answer was lost: what follows from it is done again too. */
  const sameTurn = async ({ id, turn }: Save): Promise<StepRow> => {
    const now = await findStep(db, id)
    if (now?.turn === turn) return now
    throw now?.state === 'waiting'
      ? new UserError({ code: 'step-changed', status: 409, message: 'The step changed meanwhile. Look at it again.' })
      : new UserError({ code: 'step-ended', status: 409, message: `The step has ended already${now ? `: ${now.text}` : ''}.` })
  }

  const raise: Orchestration['raiseEvent'] = async ({ id, name, key, payload }) => {
    const wake: Wake = { kind: 'event', name, at: clock.now(), ...(key === undefined ? {} : { key }), ...(payload === undefined ? {} : { payload }) }
    bounded(JSON.stringify(payload ?? null), MESSAGE_LIMIT)
    const eventId = id ?? newId('evt')
    const woken = await db
      .updateTable('step')
      .set((e) => ({ wake: json({ ...wake, id: eventId }), revision: e('revision', '+', 1), changedAt: date() }))
      .where('kind', '=', 'event')
      .where('state', '=', 'waiting')
      .where('wake', 'is', null)
      .where('key', 'in', [eventKey(name), ...(key === undefined ? [] : [eventKey(name, key)])])
      .returning('id')
      .execute()
    if (woken.length) waker.poke()
    return { woken: woken.length }
  }

  const stepOf = async (id: string): Promise<StepRow> => {
    const row = await findStep(db, id)
    if (row) return row
    throw new UserError({ code: 'step-not-found', status: 404, message: 'There is no such step, or it ended so long ago that it is not kept.' })
  }
  const view = (row: StepRow) => toView(row, waker.isMissing(row.nodeId))

  const trim = async () => {
    for (;;) {
      const old = db
        .selectFrom('step')
        .select('id')
        .where('state', '=', 'ended')
        .where('endedAt', '<', new Date(clock.now() - KEEP_ENDED_MS))
        .limit(TRIM_CHUNK)
      const { numDeletedRows } = await db.deleteFrom('step').where('id', 'in', old).executeTakeFirst()
      if (numDeletedRows < TRIM_CHUNK) return
    }
  }

  return {
    raiseEvent: raise,
    async endRun(runId, reason) {
      return endOpen(await openOf(db, runId), reason)
    },
    async endJob({ id, runId }, reason) {
      return endOpen(await openOf(db, runId, id), reason)
    },
    waits: async (runId, jobId) => (await openOf(db, runId, jobId)).map(({ text }) => text),
    look: () => waker.poke(),
    counts: () => ({ ...waker.counts, ...counts }),
    rpc: {
      requests: {
        openStep: async (step) => toWire(await open(step)),
        async readStep({ id }) {
          const row = await findStep(db, id)
          return row?.state === 'waiting' ? toWire(row, await waker.keptOf(row)) : null
        },
        async saveStep(turn) {
          const row = await save(turn)
          return row.state === 'waiting' ? toWire(row) : null
        },
        async stepSent({ runId }) {
          await holds.leave(runId)
          return null
        },
        async stepsReady({ life, nodeIds }) {
          waker.ready({ life, nodeIds })
          await holds.compare(life, lastLife !== undefined && lastLife !== life)
          lastLife = life
          const rows = await db
            .selectFrom('step')
            .select(['id', 'nodeId', 'text', 'createdAt', 'dueAt'])
            .where('state', '=', 'waiting')
            .where('host', '=', host)
            .orderBy('createdAt')
            .limit(TOLD_AT_START)
            .execute()
          return rows.map(({ id, nodeId, text, createdAt, dueAt }) => ({
            id,
            nodeId,
            text,
            since: createdAt.getTime(),
            ...(dueAt ? { dueAt: dueAt.getTime() } : {}),
          }))
        },
        async rateSlot({ name, count, periodMs, id, withinMs }) {
          // in the order in which they were asked for
          const slot = (slots.get(name) ?? Promise.resolve(undefined)).then(() => takeSlot(db, { name, count, periodMs, id, withinMs }, clock.now()))
          const settled = slot.catch(() => undefined) // whoever asked hears of it
          slots.set(name, settled)
          void settled.then(() => slots.get(name) === settled && slots.delete(name))
          const at = await slot
          return at === undefined ? {} : { at }
        },
        raiseEvent: ({ id, name, key, payload }) => raise({ id, name, payload, ...(key === undefined ? {} : { key }) }),
        async motionBehind({ nodeId }) {
          const { flows, rev } = await currentFlows()
          if (rev !== motionRev) motion.clear()
          motionRev = rev
          const isMotion = motion.get(nodeId) ?? motionBehind(flows, nodeId)
          motion.set(nodeId, isMotion)
          return { isMotion }
        },
        runsToStop: async (request) => ({ runIds: await runsToStop(db, { ...request, flows: (await currentFlows()).flows }) }),
        stopRuns: (request) => stopRuns({ db, runs, jobs, endSteps: (ids, text) => endNow(ids, { outcome: 'cancelled', text, children: text }) }, request),
      },
    },
    routes: [
      handle(listSteps, async ({ query }) => {
        const { runId, nodeId, limit } = query
        const rows = await db
          .selectFrom('step')
          .selectAll()
          .$if(runId !== undefined, (q) => q.where('runId', '=', runId ?? ''))
          .$if(runId === undefined, (q) => q.where('state', '=', 'waiting'))
          .$if(nodeId !== undefined, (q) => q.where('nodeId', '=', nodeId ?? ''))
          .orderBy('createdAt')
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(view)
      }),
      handle(getStep, async ({ params }) => {
        const row = await stepOf(params.stepId)
        return { ...view(row), message: JSON.parse(row.message) as unknown }
      }),
      handle(listAsks, () => asks.list()),
      handle(answerAsk, async ({ params, body, caller }) => {
        const row = await stepOf(params.stepId)
        const wake = asks.read(row, body, caller, clock.now())
        if (wake === 'again') return view(row)
        const after = await setWake(db, row.id, wake, date())
        if (!after) {
          const now = await stepOf(row.id)
          if ((now.wake as { id?: string } | null)?.id === body.answerId) return view(now)
          throw asks.over(now)
        }
        audit.record({
          caller,
          action: 'step.answer',
          target: row.id,
          detail: { runId: row.runId, choice: wake.choice, values: wake.values, comment: body.comment },
        })
        await runs.link(row.runId, { kind: 'press', id: body.answerId, text: asks.inWords(row, wake) })
        asks.changed()
        waker.poke()
        return view(after)
      }),
      handle(endStep, async ({ params, body, caller }) => {
        const row = await stepOf(params.stepId)
        const reason = `Ended by ${caller.name}: ${body.reason}`
        const ended = await endNow([row.id], { outcome: 'cancelled', text: reason, children: reason })
        const own = ended.find(({ id }) => id === row.id)
        if (!own) throw new UserError({ code: 'step-ended', status: 409, message: `This step has ended already: ${(await stepOf(row.id)).text}` })
        audit.record({ caller, action: 'step.end', target: row.id, detail: { runId: row.runId, reason: body.reason, ended: ended.length } })
        return view(own)
      }),
      handle(raiseEventRoute, async ({ params, body, caller }) => {
        const answer = await raise({ name: params.name, ...(body.key === undefined ? {} : { key: body.key }), payload: body.payload })
        audit.record({ caller, action: 'event.raise', target: params.name, detail: { key: body.key, woken: answer.woken } })
        return answer
      }),
      handle(listLocksRoute, () => listLocks(db)),
    ],
    async start() {
      // an earlier life may have ended in the middle of what follows from an end
      const left = await strayChildren(db)
      if (left.length) await endNow(left, { outcome: 'cancelled', text: 'The step around it has ended.', children: 'The step around it has ended.' })
      await holds.holdOpen()
      // a resource whose holder ended while nobody looked
      for (const { name } of await db.selectFrom('lockHolder').select('name').execute()) await lockSettled(name)
      trimming = setInterval(() => {
        trim().catch((error) => log.warn({ err: error }, 'old steps could not be removed; tried again later'))
      }, TRIM_EVERY_MS)
      trimming.unref()
    },
    async close() {
      clearInterval(trimming)
      followUps.close()
      asks.close()
      await waker.close()
    },
  }
}

/** How a step names what it waits for. Kept in line with `nodes/orchestration/wait-event.node.ts`. */
const eventKey = (name: string, key?: string): string => (key === undefined ? `${name}\n` : `${name}\n${key}`)
