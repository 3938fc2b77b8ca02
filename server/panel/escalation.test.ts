import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Notice } from '../../adapters/contract.ts'
import { OperationalError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import type { Escalation } from '../api/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createVersions } from '../versions/index.ts'
import { createEscalation, type EscalationPart } from './escalation.ts'
import { createMessages, type MessagesPart } from './messages.ts'

const log = createLog('test', 'silent')
const caller = { userId: 'u1', userName: 'ann', name: 'Ann', role: 'engineer', capabilities: new Set(), via: 'session', session: 's' } as const

let test: TestStore
let messages: MessagesPart
let escalation: EscalationPart
let sent: { connectionId: string; notice: Notice }[]
let refuses: number
/** Happens while the next one is being passed on. */
let meanwhile: (() => void) | undefined
let leads: boolean
const audited: string[] = []

beforeAll(async () => {
  test = await startTestStore()
  await test.store.db.insertInto('connection').values({ id: 'con_1', name: 'Chat', connector: 'webhook', settings: '{}', createdBy: 'Ann' }).execute()
}, 60_000)
afterAll(() => test?.close())
beforeEach(async () => {
  await test.store.db.deleteFrom('panelMessage').execute()
  await test.store.db.deleteFrom('messageEscalation').execute()
  sent = []
  refuses = 0
  leads = true
  await begin()
})
afterEach(() => end())

const begin = async () => {
  const audit = { record: ({ action }: { action: string }) => void audited.push(action) }
  messages = createMessages({
    store: test.store,
    log,
    live: { provide: () => {}, publish: () => {} } as never,
    audit,
    machines: { list: () => [], onChange: () => {}, onGuard: () => {} },
  })
  await messages.start()
  escalation = createEscalation({
    store: test.store,
    log,
    audit,
    messages,
    machines: { list: () => [{ id: 'mill', name: 'Mill 1' }] },
    versions: createVersions(test.store.db),
    hosts: {
      get leads() {
        return leads
      },
    },
    lookEveryMs: 20,
    notices: {
      takers: async () => [{ connectionId: 'con_1', name: 'Chat' }],
      async send(connectionId, notice) {
        if (refuses > 0) {
          refuses -= 1
          throw new OperationalError({ code: 'store-away', message: 'The database is away.' })
        }
        sent.push({ connectionId, notice })
        meanwhile?.()
        meanwhile = undefined
        return 'Chat'
      },
    },
  })
  await escalation.start()
}
const end = async () => {
  escalation.close()
  await messages.close()
}
const call = <T>(part: { routes: MessagesPart['routes'] }, id: string, context: object) =>
  part.routes.find(({ route }) => route.id === id)!.run({ caller, ...context } as never) as Promise<T>
const rule = (to: object | null, priority = 'alarm') => call<Escalation>(escalation, 'setEscalation', { params: { priority }, body: { to } })
/** A rule of the least time would keep the test waiting: it is written down as if somebody had chosen a second. */
const soon = async (priority: 'alarm' | 'action' = 'alarm') => {
  await rule({ connectionId: 'con_1', afterS: 5 }, priority)
  await test.store.db.updateTable('messageEscalation').set({ afterS: 1 }).execute()
  await call(escalation, 'getEscalation', {})
}
const alarm = (more: object = {}) =>
  messages.raise({
    key: 'k',
    kind: 'machine',
    priority: 'alarm',
    machineId: 'mill',
    title: 'Mill 1: a limit switch was hit',
    needsAck: true,
    lasts: true,
    ...more,
  })
const told = (count: number) => expect.poll(() => sent.length, { timeout: 60_000 }).toBe(count)

it('passes an alarm that nobody acknowledges on, once, and writes it down, also over a restart', async () => {
  await soon()
  const { id, at } = alarm()
  await told(1)
  expect(sent[0]).toEqual({
    connectionId: 'con_1',
    notice: { key: `${id} ${at}`, priority: 'alarm', title: 'Mill 1: a limit switch was hit', at, machine: 'Mill 1' },
  })
  await expect.poll(() => messages.open()[0]?.escalatedTo).toBe('Chat')
  expect(audited).toContain('passed a message on')
  await end()
  await begin()
  await expect.poll(() => messages.open()[0]?.escalatedTo).toBe('Chat')
  // another one that is due later is passed on, so the first was looked at again
  alarm({ key: 'other', title: 'Mill 1: the door is open' })
  await told(2)
  expect(sent[1]?.notice.title).toBe('Mill 1: the door is open')
})

it('passes on what a message says anew while it is being passed on', async () => {
  await soon()
  meanwhile = () => void alarm({ title: 'Mill 1: the probe did not touch' })
  alarm()
  await told(2)
  expect(sent.map(({ notice }) => notice.title)).toEqual(['Mill 1: a limit switch was hit', 'Mill 1: the probe did not touch'])
  await expect.poll(() => messages.open()[0]?.escalatedTo).toBe('Chat')
})

it('leaves alone what somebody has seen, what is over, and notes', async () => {
  await soon()
  await soon('action')
  const seen = alarm()
  await call(messages, 'acknowledgeMessage', { params: { messageId: seen.id } })
  messages.raise({ kind: 'note', priority: 'info', title: 'Vice 2 is loose', needsAck: true, lasts: true })
  messages.raise({ key: 'w', kind: 'flow', priority: 'action', title: 'Mill 1 waits for you', needsAck: false, lasts: true })
  messages.end('w')
  alarm({ key: 'last', title: 'the last' })
  await told(1)
  expect(sent[0]?.notice.title).toBe('the last')
})

it('tries again until it is taken on', async () => {
  await soon()
  refuses = 3
  alarm()
  await told(1)
  await expect.poll(() => messages.open()[0]?.escalatedAt).toBeTypeOf('string')
})

it('passes on what machines say at the host that leads alone, what a flow says where it runs', async () => {
  await soon()
  leads = false
  alarm()
  alarm({ key: 'flow x', kind: 'flow', title: 'Coolant is low' })
  await told(1)
  expect(sent[0]?.notice.title).toBe('Coolant is low')
})

it('takes only a connection that can bring a message, and ends by null', async () => {
  await expect(rule({ connectionId: 'con_2', afterS: 60 })).rejects.toMatchObject({ code: 'no-notices' })
  expect((await rule({ connectionId: 'con_1', afterS: 60 })).rules).toMatchObject([
    { priority: 'alarm', connectionId: 'con_1', connection: 'Chat', afterS: 60, by: 'Ann' },
  ])
  expect((await rule(null)).rules).toEqual([])
})
