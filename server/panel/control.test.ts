import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MachineControl, MachineView } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { BY_HAND, type ControlPart, createControl, PRESSED } from './control.ts'

const person = (name: string, more: Partial<Caller> = {}): Caller => ({
  userId: name,
  userName: name,
  name,
  role: 'operator',
  capabilities: new Set(['machines.view', 'machines.operate']),
  via: 'session',
  session: `session of ${name}`,
  ...more,
})
const ann = person('Ann')
const bob = person('Bob')
const LEFT = 'a'.repeat(32)
const RIGHT = 'b'.repeat(32)

describe('control of a machine', () => {
  let control: ControlPart
  let machine: Partial<MachineView>
  let time: number
  let audited: string[]
  let told: MachineControl[]

  beforeEach(() => {
    time = 1000
    audited = []
    told = []
    machine = { id: 'mill', name: 'Mill 1' }
    control = start()
  })
  afterEach(() => control.close())

  const start = () =>
    createControl({
      live: {
        provide: () => {},
        publish(_topic: string, list: unknown) {
          told = list as MachineControl[]
        },
      } as never,
      audit: { record: ({ action }) => void audited.push(action) },
      machines: { get: () => machine as MachineView },
      now: () => time,
    })
  const call = (id: string, context: object) => control.routes.find(({ route }) => route.id === id)!.run(context as never) as Promise<MachineControl[]>
  const alive = (panelId: string, caller: Caller, controls: string[] = []) =>
    call('panelAlive', { body: { panelId, name: panelId === LEFT ? 'Left' : 'Right', controls }, caller })
  const act = (panelId: string, caller: Caller, what: string) => call('controlMachine', { params: { machineId: 'mill' }, body: { panelId, act: what }, caller })
  const holder = () => told[0]?.holder.person
  const refusal = { code: 'controlled-elsewhere' }

  it('is taken by the first panel that acts, and then refused to every other hand', async () => {
    await alive(LEFT, ann)
    await alive(RIGHT, bob)
    control.mustControl('mill', ann, LEFT)
    expect(holder()).toBe('Ann')
    expect(() => control.mustControl('mill', bob, RIGHT)).toThrow(expect.objectContaining(refusal))
    // an engineer at a page that is no panel
    expect(() => control.mustControl('mill', bob, undefined)).toThrow(expect.objectContaining(refusal))
    // the same person at a second panel
    await alive('c'.repeat(32), ann)
    expect(() => control.mustControl('mill', ann, 'c'.repeat(32))).toThrow(expect.objectContaining(refusal))
    // programs with a token of their own are not at a panel
    control.mustControl('mill', person('script', { via: 'token' }), undefined)
    control.mustControl('mill', ann, LEFT)
  })

  it('is not taken by a panel that the server has never heard of, nor under the name of another one', async () => {
    control.mustControl('mill', ann, LEFT)
    expect(told).toEqual([])
    await alive(LEFT, ann)
    control.mustControl('mill', bob, LEFT)
    expect(told).toEqual([])
    await expect(act(LEFT, bob, 'take')).rejects.toMatchObject({ code: 'panel-unknown' })
  })

  it('is handed over when the one who has it says so, and kept when they say no', async () => {
    await alive(LEFT, ann)
    await alive(RIGHT, bob)
    await act(LEFT, ann, 'take')
    await expect(act(RIGHT, bob, 'take')).rejects.toMatchObject(refusal)
    await act(RIGHT, bob, 'ask')
    expect(told[0]?.request?.person).toBe('Bob')
    await act(LEFT, ann, 'refuse')
    expect(told[0]?.request).toBeUndefined()
    expect(told[0]?.refused?.panelId).toBe(RIGHT)
    await act(RIGHT, bob, 'ask')
    await act(LEFT, ann, 'hand-over')
    expect(holder()).toBe('Bob')
    await expect(act(LEFT, ann, 'hand-over')).rejects.toMatchObject({ code: 'control-lost' })
    expect(audited).toEqual([
      'took control of a machine',
      'asked for control of a machine',
      'kept control of a machine',
      'asked for control of a machine',
      'handed control of a machine over',
    ])
  })

  it('may be taken when nobody answers in time, but never out of a hand that moves the machine', async () => {
    await alive(LEFT, ann)
    await alive(RIGHT, bob)
    await act(LEFT, ann, 'take')
    await act(RIGHT, bob, 'ask')
    await expect(act(RIGHT, bob, 'take')).rejects.toMatchObject(refusal)
    for (let s = 0; s < 21; s += 3) {
      time += 3000
      await alive(LEFT, ann)
      await alive(RIGHT, bob)
    }
    machine = { ...machine, state: { lease: { kind: 'jog', holder: 'Ann', token: 1 } } as never }
    await expect(act(RIGHT, bob, 'take')).rejects.toMatchObject({ message: expect.stringContaining('moved by hand') })
    machine = { id: 'mill', name: 'Mill 1' }
    await act(RIGHT, bob, 'take')
    expect(holder()).toBe('Bob')
  })

  it('ends with the panel: silence, another person at it, or given back', async () => {
    await alive(LEFT, ann)
    await act(LEFT, ann, 'take')
    time += 11_000
    await alive(RIGHT, bob)
    control.mustControl('mill', bob, RIGHT)
    expect(holder()).toBe('Bob')
    await alive(RIGHT, person('Cem'))
    expect(told).toEqual([])
    await alive(RIGHT, bob)
    await act(RIGHT, bob, 'take')
    await act(RIGHT, bob, 'give-back')
    expect(told).toEqual([])
    await act(RIGHT, bob, 'take')
    // the panel was locked: nobody is there
    await alive(RIGHT, { ...bob, capabilities: new Set(['machines.view', 'machines.stop']) })
    expect(told).toEqual([])
  })

  it('comes back to its panel after a restart of the gateway, if nobody was faster', async () => {
    await alive(LEFT, ann, ['mill'])
    expect(holder()).toBe('Ann')
    await alive(RIGHT, bob, ['mill'])
    expect(holder()).toBe('Ann')
    // once the panel is known, saying so is not enough any more
    await act(LEFT, ann, 'give-back')
    await alive(LEFT, ann, ['mill'])
    expect(told).toEqual([])
  })

  it('stands in front of what moves a machine by hand, and in front of nothing that stops it, and lets nothing through that comes late', async () => {
    await alive(LEFT, ann)
    await act(LEFT, ann, 'take')
    const done: string[] = []
    const routes = control.guarded(
      [...BY_HAND, ...PRESSED, 'stopMachine', 'holdMachine', 'endJog'].map((id) => ({ route: { id } as never, run: async () => void done.push(id) })),
    )
    for (const { route, run } of routes) {
      const late = { params: { machineId: 'mill' }, caller: ann, request: { headers: { 'x-cellwright-not-after': String(Date.now() - 1) } } }
      if (BY_HAND.has(route.id) || PRESSED.has(route.id)) await expect(run(late as never)).rejects.toMatchObject({ code: 'too-late' })
    }
    for (const { run } of routes) await run({ params: { machineId: 'mill' }, caller: bob, request: { headers: {} } } as never).catch(() => {})
    expect(done).toEqual([...PRESSED, 'stopMachine', 'holdMachine', 'endJog'])
  })
})
