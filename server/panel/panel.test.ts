import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError, UserError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import type { RpcNotice } from '../../base/rpc.ts'
import type { MachineView, PanelButton } from '../api/index.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createPanel, type PanelPart } from './index.ts'

type Face = RpcNotice<typeof gatewayRpc, 'panel'>[number]
const log = createLog('test', 'silent')
const caller = {
  userId: 'u1',
  userName: 'ann',
  name: 'Ann',
  role: 'operator',
  capabilities: new Set(['panel.press' as const]),
  via: 'session',
  session: 's',
} as const

const face: Face = {
  nodeId: 'b1',
  label: 'Cut part',
  says: 'Runs pocket.nc on Mill 1',
  color: 'normal',
  machineId: 'm1',
  asks: [
    { key: 'bore', label: 'Bore', kind: 'number', unit: 'mm' },
    { key: 'by', label: 'Initials', kind: 'text' },
  ],
  isEnabled: true,
  waiting: [],
}

/** Generous: other tests may keep the machine busy. */
const eventually = <T>(fact: () => T | Promise<T>) => expect.poll(fact, { timeout: 15_000 })

describe('operator panel', () => {
  let test: TestStore
  let runs: RunsPart
  let panel: PanelPart
  let machine: MachineView
  let published: PanelButton[][]
  let pressed: unknown[]
  let answer: () => Promise<null>
  let isThere: boolean
  let connection: (isConnected: boolean) => void
  let machineChanged: () => void

  const start = () => {
    const listeners: ((isConnected: boolean) => void)[] = []
    connection = (isConnected) => {
      isThere = isConnected
      for (const listener of listeners) listener(isConnected)
    }
    const runtime = {
      onConnection: (listener: (isConnected: boolean) => void) => void listeners.push(listener),
      peer() {
        if (!isThere) throw new OperationalError({ code: 'runtime-away', message: 'The flow runtime is away.' })
        return {
          call: (_method: string, params: unknown) => {
            pressed.push(params)
            return answer()
          },
        } as never
      },
    }
    const live = {
      provide: () => {},
      publish: (topic: string, change: unknown) => void (topic === 'panel' && published.push(change as PanelButton[])),
    } as never
    const machines = {
      get(machineId: string) {
        if (machineId !== 'm1') throw new UserError({ code: 'machine-not-found', message: 'No.', status: 404 })
        return machine
      },
      onChange: (listener: () => void) => {
        machineChanged = listener
      },
      onGuard: () => {},
    } as never
    runs = createRuns({ store: test.store, log, live, runtime })
    panel = createPanel({ store: test.store, log, live, machines, runtime, runs, audit: { record: () => {} } })
    panel.rpc.notifications.panel([face])
  }
  const list = async () => (await panel.routes.find(({ route }) => route.id === 'listPanel')!.run({} as never)) as PanelButton[]
  const press = (body: object) =>
    panel.routes
      .find(({ route }) => route.id === 'pressButton')!
      .run({ params: { nodeId: 'b1' }, body: { values: { bore: '12,01', by: 'AB' }, ...body }, caller } as never) as Promise<{
      pressId: string
      runId: string
    }>

  beforeAll(async () => {
    test = await startTestStore()
  })
  afterAll(() => test.close())
  beforeEach(() => {
    machine = {
      id: 'm1',
      name: 'Mill 1',
      link: { kind: 'virtual', timeScale: 1 },
      envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] },
      whenRequesterGone: 'finish',
      isVirtual: true,
      guard: 'running',
      state: { link: 'connected', controller: 'idle' } as NonNullable<MachineView['state']>,
    }
    published = []
    pressed = []
    answer = async () => null
    isThere = true
    start()
    return async () => {
      panel.close()
      await runs.close()
    }
  })

  it('opens a run for a press, hands it to the flow with checked values, and shows what came of it', async () => {
    const { runId } = await press({ pressId: 'press-0001', waitingId: 'w1' })
    expect(pressed).toEqual([{ nodeId: 'b1', pressId: 'press-0001', waitingId: 'w1', values: { bore: 12.01, by: 'AB' }, by: 'Ann', runId }])
    expect((await list())[0]?.lastPress).toMatchObject({ pressId: 'press-0001', runId, by: 'Ann', state: 'active' })
    await runs.interruptActive('test')
    await eventually(async () => (await list())[0]?.lastPress).toMatchObject({ state: 'interrupted', text: 'Button "Cut part" pressed by Ann; test' })
    await eventually(() => published.at(-1)?.[0]?.lastPress?.state).toBe('interrupted')
  })

  it('takes the same press once, at the same time and after a restart of the gateway', async () => {
    const answers = await Promise.all([press({ pressId: 'press-0002' }), press({ pressId: 'press-0002' })])
    expect(answers[0]).toEqual(answers[1])
    panel.close()
    await runs.close()
    start()
    expect(await press({ pressId: 'press-0002' })).toEqual(answers[0])
    expect(pressed).toHaveLength(1)
  })

  it.each([
    [
      'an alarm',
      { state: { link: 'connected', controller: 'alarm', alarm: { code: 1, text: 'Hard limit', whatToDo: '' } } },
      'Mill 1 is in alarm: Hard limit.',
    ],
    ['a guard that is gone', { guard: 'gone', state: undefined }, 'Mill 1 cannot be reached: its guard is not running.'],
    ['a lost link', { state: { link: 'lost', controller: 'idle' } }, 'Mill 1 is not connected.'],
    ['an open door', { state: { link: 'connected', controller: 'door' } }, 'The door of Mill 1 is open.'],
  ])('cannot be pressed at %s, and says why', async (_name, change, reason) => {
    Object.assign(machine, change)
    machineChanged()
    expect((await list())[0]).toMatchObject({ isEnabled: false, reason })
    await expect(press({ pressId: 'press-0003' })).rejects.toMatchObject({ code: 'button-disabled', message: reason })
    expect(pressed).toEqual([])
    await eventually(() => published.at(-1)?.[0]?.reason).toBe(reason)
  })

  it('names what is missing or wrong in what was entered', async () => {
    await expect(press({ pressId: 'press-0004', values: { bore: 5 } })).rejects.toMatchObject({
      code: 'value-missing',
      message: '"Initials" is missing. Enter it and press again.',
    })
    await expect(press({ pressId: 'press-0004', values: { bore: 'wide', by: 'x' } })).rejects.toThrow('"Bore" must be a number')
    await press({ pressId: 'press-0004' })
    expect(pressed).toHaveLength(1)
  })

  it('says that the button is gone, or that the flows are away', async () => {
    connection(false)
    expect((await list())[0]).toMatchObject({ isEnabled: false, reason: 'The flows are being restarted.' })
    await expect(press({ pressId: 'press-0005' })).rejects.toMatchObject({ code: 'runtime-away' })
    connection(true)
    panel.rpc.notifications.panel([])
    await expect(press({ pressId: 'press-0005' })).rejects.toMatchObject({ code: 'button-gone' })
  })

  it('ends the run as failed when the flow refuses the press', async () => {
    answer = async () => {
      throw new UserError({ code: 'button-disabled', message: 'No order waits.' })
    }
    await expect(press({ pressId: 'press-0006' })).rejects.toThrow('No order waits.')
    const run = await test.store.db.selectFrom('run').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow()
    expect(run).toMatchObject({ state: 'failed', summary: 'Button "Cut part" pressed by Ann; failed: No order waits.' })
  })
})
