/**
 * Alarms, messages and hand-over notes on the panels. What is open is in memory, so that panels see alarms while the database
 * stands still; every message and who acknowledged it is kept there as well. A message leaves the panels when it is over and,
 * where somebody has to have seen it, acknowledged.
 */
import type { Selectable } from 'kysely'
import { messageOf, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams } from '../../base/rpc.ts'
import { acknowledgeMessage, type Job, listPanelMessages, type MachineView, type MessagePriority, type PanelMessage, writeNote } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import type { Database } from '../store/tables.ts'

const GATHER_MS = 50
/** A flow that repeats itself fills neither memory nor the screen: the oldest that ask for nothing go first. */
const MOST_OPEN = 200
/** Longer than a start of everything: what is not there by then is told. */
const SETTLE_MS = 8_000
const MOST_TOLD_JOBS = 500

interface MessageRequest {
  /** The same key is the same matter: said again it is changed, not shown twice. */
  key?: string | undefined
  kind: PanelMessage['kind']
  priority: MessagePriority
  machineId?: string | undefined
  title: string
  text?: string | undefined
  by?: string | undefined
  runId?: string | undefined
  /** It stays until somebody has acknowledged it. */
  needsAck: boolean
  /** It is over when its key is ended; without this it is over at once and stays for its acknowledgement only. */
  lasts: boolean
}

export interface MessagesPart {
  routes: RouteHandler[]
  rpc: {
    requests: {
      panelMessage(request: RpcParams<typeof gatewayRpc, 'panelMessage'>): null
      clearPanelMessage(request: RpcParams<typeof gatewayRpc, 'clearPanelMessage'>): null
    }
  }
  raise(request: MessageRequest): PanelMessage
  /** What the key tells of is over. */
  end(key: string): void
  open(): PanelMessage[]
  /** What is open of this matter: by its key, or its id. */
  standing(keyOrId: string): PanelMessage | undefined
  /** It was passed on, since nobody has acknowledged it. */
  passedOn(message: Pick<PanelMessage, 'id' | 'at'>, to: string): void
  /** A program that was broken off or could not be started is told at its machine, once. */
  jobChanged(job: Pick<Job, 'id' | 'kind' | 'name' | 'state' | 'machineId' | 'reason' | 'runId'>): void
  /** Reads what was open before a restart. */
  start(): Promise<void>
  close(): Promise<void>
}

interface Open {
  key: string | undefined
  message: PanelMessage
}

export function createMessages(deps: {
  store: Store
  live: LiveHub
  audit: Audit
  log: Logger
  machines: { list(): MachineView[]; onChange(listener: (view: MachineView) => void): void; onGuard(listener: () => void): void }
}): MessagesPart {
  const { store, live, audit, log, machines } = deps
  let list: Open[] = []
  const toldJobs = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let isStarted = false
  let isClosed = false

  const open = () => list.map(({ message }) => message)
  const changed = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      live.publish('panel-messages', open())
    }, GATHER_MS)
  }
  live.provide('panel-messages', open)

  /** In order, behind what is under way; a database that is away costs the history, never the panel. */
  const write = ({ key, message }: Open) => {
    const row = rowOf(message, key)
    writing = writing
      .then(() =>
        store.db
          .insertInto('panelMessage')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute(),
      )
      .then(
        () => undefined,
        (error) => log.warn({ reason: messageOf(error), messageId: message.id }, 'a message of the panel could not be stored'),
      )
  }

  const settle = (entry: Open) => {
    const { needsAck, acknowledgedAt, endedAt } = entry.message
    const isOver = endedAt !== undefined && (!needsAck || acknowledgedAt !== undefined)
    if (isOver) list = list.filter((other) => other !== entry)
    write(entry)
    changed()
  }

  const raise: MessagesPart['raise'] = ({ key, lasts, ...facts }) => {
    const known = key === undefined ? undefined : list.find((entry) => entry.key === key)
    const at = new Date().toISOString()
    const said = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Omit<PanelMessage, 'id' | 'at'>
    if (known) {
      const { message } = known
      const isSame = message.title === said.title && message.text === said.text && message.priority === said.priority && message.endedAt === undefined
      if (isSame) return message
      // what was acknowledged was something else
      const { acknowledgedAt: _at, acknowledgedBy: _by, endedAt: _ended, text: _text, escalatedAt: _passed, escalatedTo: _to, ...rest } = message
      known.message = { ...rest, ...said, at, ...(lasts ? {} : { endedAt: at }) }
      settle(known)
      return known.message
    }
    const entry: Open = { key, message: { ...said, id: newId('msg'), at, ...(lasts ? {} : { endedAt: at }) } }
    // newest first
    list = [entry, ...list]
    if (list.length > MOST_OPEN) {
      const least = [...list].reverse().find(({ message }) => message.priority === 'info' || message.priority === 'warning') ?? list.at(-1)
      list = list.filter((other) => other !== least)
    }
    settle(entry)
    return entry.message
  }
  const end = (key: string) => {
    const entry = list.find((one) => one.key === key && one.message.endedAt === undefined)
    if (!entry) return
    entry.message = { ...entry.message, endedAt: new Date().toISOString() }
    settle(entry)
  }

  const since = Date.now()
  const watch = (view: MachineView) => {
    // before that nobody knows what was told already
    if (!isStarted) return
    for (const { key, message } of troublesOf(view, Date.now() - since < SETTLE_MS)) {
      if (message) raise({ key, kind: 'machine', machineId: view.id, lasts: true, ...message })
      else end(key)
    }
  }
  machines.onChange(watch)
  machines.onGuard(() => {
    for (const view of machines.list()) watch(view)
  })

  return {
    raise,
    end,
    open,
    standing: (keyOrId) => list.find(({ key, message }) => key === keyOrId || message.id === keyOrId)?.message,
    passedOn({ id, at }, to) {
      const entry = list.find(({ message }) => message.id === id)
      // what it says since then has not been passed on
      if (!entry || entry.message.at !== at) return
      entry.message = { ...entry.message, escalatedAt: new Date().toISOString(), escalatedTo: to }
      settle(entry)
    },
    rpc: {
      requests: {
        panelMessage({ nodeId: _nodeId, key, ...message }) {
          raise({ ...message, kind: 'flow', key: `flow ${key}` })
          return null
        },
        clearPanelMessage({ key }) {
          end(`flow ${key}`)
          return null
        },
      },
    },
    jobChanged({ id, kind, name, state, machineId, reason, runId }) {
      if (kind !== 'program' || machineId === undefined || (state !== 'failed' && state !== 'interrupted') || toldJobs.has(id)) return
      toldJobs.add(id)
      const [oldest] = toldJobs
      if (toldJobs.size > MOST_TOLD_JOBS && oldest !== undefined) toldJobs.delete(oldest)
      const machine = machines.list().find((one) => one.id === machineId)?.name ?? machineId
      raise({
        kind: 'machine',
        priority: 'warning',
        machineId,
        title: `${machine}: ${name} ${state === 'failed' ? 'failed' : 'was interrupted'}`,
        text: reason,
        runId,
        needsAck: true,
        lasts: false,
      })
    },
    async start() {
      const rows = await store.db
        .selectFrom('panelMessage')
        .selectAll()
        .where((where) => where.or([where('endedAt', 'is', null), where.and([where('needsAck', '=', true), where('acknowledgedAt', 'is', null)])]))
        .orderBy('at', 'desc')
        .limit(MOST_OPEN)
        .execute()
      const said = new Set(list.map(({ key }) => key))
      list = [...list, ...rows.filter(({ key }) => key === null || !said.has(key)).map((row) => ({ key: row.key ?? undefined, message: messageFrom(row) }))]
      isStarted = true
      // what a flow said lasts until it says otherwise; what machines say is looked at anew
      for (const view of machines.list()) watch(view)
      changed()
    },
    routes: [
      handle(listPanelMessages, async ({ query: { machineId, before, limit } }) => {
        let query = store.db.selectFrom('panelMessage').selectAll().orderBy('id', 'desc').limit(limit)
        if (machineId !== undefined) query = query.where((where) => where.or([where('machineId', '=', machineId), where('machineId', 'is', null)]))
        if (before !== undefined) query = query.where('id', '<', before)
        // what is just being written belongs to it
        await writing
        return (await query.execute()).map(messageFrom)
      }),
      handle(acknowledgeMessage, async ({ params: { messageId }, caller }) => {
        const entry = list.find(({ message }) => message.id === messageId)
        if (!entry) {
          await writing
          const row = await store.db.selectFrom('panelMessage').selectAll().where('id', '=', messageId).executeTakeFirst()
          if (!row) throw new UserError({ code: 'message-not-found', status: 404, message: 'There is no such message any more. Load the page again.' })
          return messageFrom(row)
        }
        if (entry.message.acknowledgedAt === undefined) {
          const isNote = entry.message.kind === 'note'
          const at = new Date().toISOString()
          // a note has nothing else that could end
          entry.message = { ...entry.message, acknowledgedAt: at, acknowledgedBy: caller.name, ...(isNote ? { endedAt: at } : {}) }
          audit.record({
            caller,
            action: isNote ? 'read a hand-over note' : 'acknowledged a message',
            target: messageId,
            detail: { title: entry.message.title },
          })
          settle(entry)
        }
        return entry.message
      }),
      handle(writeNote, ({ body: { text, machineId }, caller }) => {
        const [title = '', ...rest] = text.trim().split('\n')
        const more = [title.length > 80 ? title : '', ...rest].join('\n').trim()
        const message = raise({
          kind: 'note',
          priority: 'info',
          machineId,
          title: title.length > 80 ? `${title.slice(0, 79)}…` : title,
          text: more === '' ? undefined : more,
          by: caller.name,
          needsAck: true,
          lasts: true,
        })
        audit.record({ caller, action: 'left a hand-over note', target: message.id })
        return message
      }),
    ],
    async close() {
      if (isClosed) return
      isClosed = true
      clearTimeout(timer)
      // a store that does not answer must not hold up the end
      await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 1000).unref())])
    },
  }
}

type Trouble = { key: string; message: Pick<MessageRequest, 'priority' | 'title' | 'text' | 'needsAck'> | undefined }

/**
 * What of a machine's state a person is told as a message.
 * @param isStarting guards are still being started: that one is missing is no news
 */
function troublesOf({ id, name, guard, state }: MachineView, isStarting: boolean): Trouble[] {
  const isWatched = guard === 'running' && state !== undefined
  const alarm = isWatched && state.link === 'connected' ? state.alarm : undefined
  const waiting = isWatched && state.link === 'connected' ? state.job?.waitingFor : undefined
  const isLost = isWatched && state.link === 'lost'
  const isGone = guard === 'gone' && !isStarting
  return [
    {
      key: `alarm ${id}`,
      // while nobody can see the machine its alarm is not over
      message: alarm ? { priority: 'alarm', title: `${name}: ${alarm.text}`, text: alarm.whatToDo, needsAck: true } : undefined,
    },
    {
      key: `link ${id}`,
      message: isGone
        ? {
            priority: 'alarm',
            title: `${name} is not watched`,
            text: 'Its motion guard is not running. It is being restarted; watch the machine meanwhile.',
            needsAck: true,
          }
        : isLost
          ? {
              priority: 'alarm',
              title: `${name}: no link to the controller`,
              text: 'It may still run what it had received. Watch the machine; look at cable and power.',
              needsAck: true,
            }
          : undefined,
    },
    {
      key: `waits ${id}`,
      message: waiting ? { priority: 'action', title: `${name} waits for you`, text: waiting.text, needsAck: false } : undefined,
    },
  ]
}

function rowOf(message: PanelMessage, key: string | undefined) {
  const { id, kind, priority, title, at, needsAck, machineId, text, by, runId, endedAt, acknowledgedAt, acknowledgedBy, escalatedAt, escalatedTo } = message
  return {
    id,
    key: key ?? null,
    kind,
    priority,
    title,
    at: new Date(at),
    needsAck,
    machineId: machineId ?? null,
    text: text ?? null,
    by: by ?? null,
    runId: runId ?? null,
    endedAt: endedAt === undefined ? null : new Date(endedAt),
    acknowledgedAt: acknowledgedAt === undefined ? null : new Date(acknowledgedAt),
    acknowledgedBy: acknowledgedBy ?? null,
    escalatedAt: escalatedAt === undefined ? null : new Date(escalatedAt),
    escalatedTo: escalatedTo ?? null,
  }
}

function messageFrom(row: Selectable<Database['panelMessage']>): PanelMessage {
  const { id, kind, priority, title, at, needsAck, machineId, text, by, runId, endedAt, acknowledgedAt, acknowledgedBy, escalatedAt, escalatedTo } = row
  return {
    id,
    kind,
    priority,
    title,
    at: at.toISOString(),
    needsAck,
    ...(machineId === null ? {} : { machineId }),
    ...(text === null ? {} : { text }),
    ...(by === null ? {} : { by }),
    ...(runId === null ? {} : { runId }),
    ...(endedAt === null ? {} : { endedAt: endedAt.toISOString() }),
    ...(acknowledgedAt === null ? {} : { acknowledgedAt: acknowledgedAt.toISOString() }),
    ...(acknowledgedBy === null ? {} : { acknowledgedBy }),
    ...(escalatedAt === null ? {} : { escalatedAt: escalatedAt.toISOString() }),
    ...(escalatedTo === null ? {} : { escalatedTo }),
  }
}
