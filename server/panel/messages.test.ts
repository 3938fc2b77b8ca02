import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import type { MachineView, PanelMessage } from '../api/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createMessages, type MessagesPart } from './messages.ts'

const log = createLog('test', 'silent')
const caller = { userId: 'u1', userName: 'ann', name: 'Ann', role: 'operator', capabilities: new Set(), via: 'session', session: 's' } as const
const state = (more: object = {}) => ({ link: 'connected', controller: 'idle', ...more })
const alarm = { code: 1, text: 'a limit switch was hit', whatToDo: 'Unlock and home.' }

describe('messages on the panel', () => {
  let test: TestStore
  let messages: MessagesPart
  let machine: MachineView
  let changed: (view: MachineView) => void
  let audited: string[]

  const start = async () => {
    messages = createMessages({
      store: test.store,
      log,
      live: { provide: () => {}, publish: () => {} } as never,
      audit: { record: ({ action }) => void audited.push(action) },
      machines: {
        list: () => [machine],
        onChange: (listener) => {
          changed = listener
        },
        onGuard: () => {},
      },
    })
    await messages.start()
  }
  const become = (more: object) => {
    machine = { ...machine, state: state(more) } as never
    changed(machine)
  }
  const call = <T>(id: string, context: object) => messages.routes.find(({ route }) => route.id === id)!.run({ caller, ...context } as never) as Promise<T>
  const history = () => call<PanelMessage[]>('listPanelMessages', { query: { limit: 50 } })
  const acknowledge = (messageId: string) => call<PanelMessage>('acknowledgeMessage', { params: { messageId } })
  const titles = () => messages.open().map(({ title }) => title)

  beforeAll(async () => {
    test = await startTestStore()
  }, 60_000)
  afterAll(() => test?.close())
  beforeEach(async () => {
    await test.store.db.deleteFrom('panelMessage').execute()
    audited = []
    machine = { id: 'mill', name: 'Mill 1', guard: 'running', state: state() } as never
    await start()
  })
  afterEach(() => messages.close())

  it('keeps an alarm until it is over and somebody has acknowledged it, in either order', async () => {
    become({ controller: 'alarm', alarm })
    expect(messages.open()).toMatchObject([{ kind: 'machine', priority: 'alarm', title: 'Mill 1: a limit switch was hit', text: 'Unlock and home.' }])
    become({ controller: 'alarm', alarm })
    expect(titles()).toHaveLength(1)
    become({})
    expect(messages.open()).toMatchObject([{ endedAt: expect.any(String) }])
    await acknowledge(messages.open()[0]!.id)
    expect(titles()).toEqual([])

    become({ controller: 'alarm', alarm })
    const [{ id }] = messages.open() as [PanelMessage]
    await acknowledge(id)
    await acknowledge(id)
    expect(messages.open()).toMatchObject([{ acknowledgedBy: 'Ann' }])
    become({})
    expect(titles()).toEqual([])
    expect(await history()).toMatchObject([{ id, acknowledgedBy: 'Ann', endedAt: expect.any(String) }, { acknowledgedBy: 'Ann' }])
    expect(audited).toEqual(['acknowledged a message', 'acknowledged a message'])
  })

  it('asks again when an acknowledged alarm becomes another one', async () => {
    become({ controller: 'alarm', alarm })
    await acknowledge(messages.open()[0]!.id)
    become({ controller: 'alarm', alarm: { ...alarm, text: 'the probe did not touch' } })
    expect(messages.open()).toHaveLength(1)
    expect(messages.open()[0]).not.toHaveProperty('acknowledgedAt')
  })

  it('knows after a restart what was open and what was seen, and tells nothing twice', async () => {
    become({ controller: 'alarm', alarm })
    const note = await call<PanelMessage>('writeNote', { body: { text: 'Coolant is low\nthe new one is in the store' } })
    expect(note).toMatchObject({ kind: 'note', title: 'Coolant is low', text: 'the new one is in the store', by: 'Ann' })
    await messages.close()
    await start()
    expect(titles().toSorted()).toEqual(['Coolant is low', 'Mill 1: a limit switch was hit'])
    become({ controller: 'alarm', alarm })
    expect(titles()).toHaveLength(2)
    await acknowledge(note.id)
    become({})
    await acknowledge(messages.open()[0]!.id)
    expect(titles()).toEqual([])
    await messages.close()
    await start()
    expect(titles()).toEqual([])
  })

  it('shows what flows say by its key, until it is cleared', () => {
    const said = { nodeId: 'n1', key: 'coolant', priority: 'warning' as const, title: 'Coolant at 12 %', needsAck: false, lasts: true }
    messages.rpc.requests.panelMessage(said)
    messages.rpc.requests.panelMessage({ ...said, title: 'Coolant at 8 %' })
    messages.rpc.requests.clearPanelMessage({ nodeId: 'n2', key: 'air' })
    expect(titles()).toEqual(['Coolant at 8 %'])
    // by another node than the one that showed it
    messages.rpc.requests.clearPanelMessage({ nodeId: 'n2', key: 'coolant' })
    expect(titles()).toEqual([])
  })

  it('tells once of a program that failed, and of nothing else that a job does', async () => {
    const job = { id: 'job_1', kind: 'program' as const, name: 'frame.nc', machineId: 'mill', reason: 'A limit switch was hit.' }
    for (const state of ['waiting', 'active', 'failed', 'failed'] as const) messages.jobChanged({ ...job, state })
    messages.jobChanged({ ...job, id: 'job_2', kind: 'flow', state: 'failed' })
    expect(messages.open()).toMatchObject([{ priority: 'warning', title: 'Mill 1: frame.nc failed', text: 'A limit switch was hit.' }])
    await acknowledge(messages.open()[0]!.id)
    messages.jobChanged({ ...job, state: 'failed' })
    expect(titles()).toEqual([])
  })

  it('is not filled by a flow that cannot stop, and loses no alarm to it', () => {
    become({ controller: 'alarm', alarm })
    for (let i = 0; i < 400; i += 1)
      messages.rpc.requests.panelMessage({ nodeId: 'n1', key: `k${i}`, priority: 'info', title: `again ${i}`, needsAck: true, lasts: true })
    expect(messages.open()).toHaveLength(200)
    expect(titles()).toContain('Mill 1: a limit switch was hit')
    expect(titles()[0]).toBe('again 399')
  })
})
