/**
 * Messages that nobody acknowledges in time go to a connection: once each, written down with the message and in the audit log. The
 * connection's outbox (server/connections) tries until it is there; here is only decided that it goes.
 */
import { type Static, Type } from 'typebox'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { type Escalation, EscalationPriority, getEscalation, type PanelMessage, setEscalation } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { NoticeWay } from '../connections/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/index.ts'
import type { MessagesPart } from './messages.ts'

const LOOK_MS = 1_000
/** Rules may be changed at another host. */
const READ_EVERY = 15

interface Rule {
  connectionId: string
  afterS: number
}

const SETTING = { kind: 'setting', subject: 'escalation' } as const
const KeptRule = Type.Object({ priority: EscalationPriority, connectionId: Type.String(), afterS: Type.Integer({ minimum: 1 }) })
type KeptRule = Static<typeof KeptRule>
const content = checker(Type.Object({ rules: Type.Array(KeptRule) }))
const contentOf = (rules: readonly KeptRule[]) => ({
  rules: rules.map(({ priority, connectionId, afterS }) => ({ priority, connectionId, afterS })).toSorted((a, b) => a.priority.localeCompare(b.priority)),
})
const bringsNone = () =>
  new UserError({
    code: 'no-notices',
    status: 409,
    message: 'This connection brings no messages to people. Choose a webhook, or an MQTT broker with a topic for messages.',
  })

export interface EscalationPart {
  routes: RouteHandler[]
  start(): Promise<void>
  close(): void
}

export interface EscalationDeps {
  store: Store
  log: Logger
  audit: Audit
  messages: Pick<MessagesPart, 'open' | 'passedOn'>
  notices: NoticeWay
  machines: { list(): { id: string; name: string }[] }
  versions: Pick<KeptVersions, 'keep' | 'own'>
  /** What machines say is heard by every host: one passes it on. */
  hosts: Pick<Hosts, 'leads'>
  lookEveryMs?: number
}

export function createEscalation(deps: EscalationDeps): EscalationPart {
  const { store, log, audit, messages, notices, machines, versions, hosts, lookEveryMs = LOOK_MS } = deps
  const { db } = store
  let rules = new Map<EscalationPriority, Rule>()
  /** Being passed on, with what it said: the same message may say something new later. */
  const under = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const isDue = (message: PanelMessage, now: number): Rule | undefined => {
    const { kind, priority, needsAck, acknowledgedAt, endedAt, escalatedAt, at } = message
    if (kind === 'note' || priority === 'info' || acknowledgedAt !== undefined || escalatedAt !== undefined) return undefined
    // what asks for nothing any more needs nobody
    if (endedAt !== undefined && !needsAck) return undefined
    if (kind === 'machine' && !hosts.leads) return undefined
    const rule = rules.get(priority)
    return rule && now - Date.parse(at) >= rule.afterS * 1000 ? rule : undefined
  }

  const passOn = async (message: PanelMessage, { connectionId, afterS }: Rule): Promise<void> => {
    const { id, at, priority, title, text, machineId } = message
    // a message that says something new keeps its id, and is told anew
    const key = `${id} ${at}`
    if (priority === 'info' || under.has(key)) return
    under.add(key)
    try {
      const machine = machines.list().find((one) => one.id === machineId)?.name ?? machineId
      const to = await notices.send(connectionId, { key, priority, title, at, ...(text ? { text } : {}), ...(machine ? { machine } : {}) })
      messages.passedOn({ id, at }, to)
      audit.record({ who: 'panel', via: 'system', action: 'passed a message on', target: id, detail: { title, to, afterS } })
    } catch (error) {
      log.warn({ messageId: id, connectionId, reason: messageOf(error) }, 'a message that nobody acknowledges could not be passed on')
    } finally {
      under.delete(key)
    }
  }
  let looks = 0
  const look = () => {
    looks += 1
    // a database that is away leaves the rules as they were
    if (looks % READ_EVERY === 0) read().catch((error) => log.debug({ reason: messageOf(error) }, 'the rules of escalation could not be read'))
    const now = Date.now()
    for (const message of messages.open()) {
      const rule = isDue(message, now)
      if (rule) void passOn(message, rule)
    }
  }

  const read = async () => {
    const rows = await db.selectFrom('messageEscalation').selectAll().execute()
    rules = new Map(rows.map(({ priority, connectionId, afterS }) => [priority, { connectionId, afterS }]))
    return rows
  }
  const shown = async (): Promise<Escalation> => {
    const [rows, takers, names] = await Promise.all([read(), notices.takers(), db.selectFrom('connection').select(['id', 'name']).execute()])
    return {
      takers,
      rules: rows.map(({ at, ...rule }) => {
        const connection = names.find(({ id }) => id === rule.connectionId)?.name
        return { ...rule, at: at.toISOString(), ...(connection === undefined ? {} : { connection }) }
      }),
    }
  }

  /** All rules at once. @throws UserError no-notices */
  const change = async (
    wanted: readonly KeptRule[],
    { caller, reason, restoredFrom }: { caller: Caller; reason?: string | undefined; restoredFrom?: string },
  ) => {
    const takers = await notices.takers()
    const before = await read()
    const isNew = ({ priority, connectionId }: KeptRule) => rules.get(priority)?.connectionId !== connectionId
    // what is there may stay although its connection is switched off just now
    if (wanted.some((rule) => isNew(rule) && !takers.some(({ connectionId }) => connectionId === rule.connectionId))) throw bringsNone()
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('messageEscalation').execute()
      for (const { priority, connectionId, afterS } of wanted) {
        const same = before.find((one) => one.priority === priority && one.connectionId === connectionId && one.afterS === afterS)
        await tx
          .insertInto('messageEscalation')
          .values({ priority, connectionId, afterS, by: same?.by ?? caller.name, at: same?.at ?? new Date() })
          .execute()
      }
      const [first] = before.toSorted((a, b) => a.at.getTime() - b.at.getTime())
      await versions.keep(tx, {
        ...SETTING,
        title: 'Where messages go that nobody acknowledges',
        content: contentOf(wanted),
        author: caller,
        reason,
        restoredFrom,
        before: first && { content: contentOf(before), author: first.by, at: first.at },
      })
    })
    await read()
  }
  versions.own(SETTING, {
    sees: 'system.view',
    changes: 'system.manage',
    async restore({ caller, version, reason }) {
      const { rules: older } = content.parse(version.content, 'The kept version')
      await change(older, { caller, reason, restoredFrom: version.id })
      audit.record({ caller, action: 'panel.escalation', target: 'all', detail: { rules: older } })
    },
  })

  return {
    routes: [
      handle(getEscalation, shown),
      handle(setEscalation, async ({ params: { priority }, body: { to, reason }, caller }) => {
        const others = (await read()).filter((rule) => rule.priority !== priority)
        await change(to === null ? others : [...others, { priority, ...to }], { caller, reason })
        audit.record({ caller, action: 'panel.escalation', target: priority, detail: { to, ...(reason ? { reason } : {}) } })
        return shown()
      }),
    ],
    async start() {
      await read()
      timer = setInterval(look, lookEveryMs)
      timer.unref()
    },
    close: () => clearInterval(timer),
  }
}
