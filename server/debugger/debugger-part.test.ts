/** The gateway's rules of the debugger: nothing is paused whose machine moves, a machine takes its own right, and it is written down who did it. */
import { expect, test } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { capabilitiesOf, type DebuggerState, editWaiting, type FlowNode, getDebugger, goOnWaiting, pauseFlow, setBreakpoint } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Less } from '../http/live-hub.ts'
import type { DebuggerOrder } from '../runtime/debugger/index.ts'
import { createDebuggerPart } from './index.ts'
import { machinesAt } from './machines-at.ts'

const FLOWS: FlowNode[] = [
  { id: 'cell', type: 'tab' },
  { id: 'other', type: 'tab' },
  { id: 'sub', type: 'subflow' },
  { id: 'mill0', type: 'cw-machine', machineId: 'mill-1' },
  { id: 'lathe0', type: 'cw-machine', machineId: 'lathe-1' },
  { id: 'jog', type: 'cw-jog', z: 'sub', machine: 'mill0' },
  { id: 'use', type: 'subflow:sub', z: 'cell' },
  { id: 'text', type: 'change', z: 'cell' },
  { id: 'home', type: 'cw-home', z: 'other', machine: 'lathe0' },
]

test('a flow deals with the machines of its nodes and of the subflows in it', () => {
  expect([...machinesAt(FLOWS, { placeId: 'cell' })]).toEqual(['mill-1'])
  expect([...machinesAt(FLOWS, { placeId: 'other' })]).toEqual(['lathe-1'])
  expect([...machinesAt(FLOWS, { nodeId: 'use' })]).toEqual(['mill-1'])
  expect([...machinesAt(FLOWS, { nodeId: 'text' })]).toEqual([])
})

/** Only what the part reads of a machine. */
interface Look {
  id: string
  name: string
  guard: string
  state: { link: string; isStanding: boolean; job?: { phase: string } }
}
const mill = (state: Look['state']): Look => ({ id: 'mill-1', name: 'Mill 1', guard: 'running', state })

const WAITING = {
  id: 'w1',
  nodeId: 'use',
  nodeType: 'subflow:sub',
  places: ['cell'],
  why: 'breakpoint' as const,
  since: '2026-01-01T00:00:00.000Z',
  topic: 'badge of Ann',
  payload: 'secret stuff',
  text: 'secret stuff is no number',
  notes: [],
  isEdited: false,
}

function partWith(machine: Look) {
  const audit: { action: string; detail?: unknown }[] = []
  const orders: DebuggerOrder[] = []
  const state: DebuggerState = {
    revision: 1,
    breakpoints: [],
    paused: [],
    waiting: [WAITING],
    waitingCount: 1,
    waitingAt: { use: 1 },
    lost: { full: 0, deploy: 0 },
  }
  let less: Less<'debugger'> | undefined
  const peer = {
    call: async (method: string, order: DebuggerOrder) => {
      orders.push(order)
      return method === 'debugger' ? state : { message: {}, opaque: [] }
    },
  }
  const provide = (_topic: string, _snapshot: unknown, part: Less<'debugger'>) => {
    less = part
  }
  const { routes } = createDebuggerPart({
    runtime: { peer: () => peer as never, onConnection: () => {} },
    live: { provide, publish: () => {}, serve: () => {} } as never,
    audit: { record: (entry) => void audit.push(entry) },
    machines: { list: () => [machine] as never },
    currentFlows: async () => ({ flows: FLOWS }),
  })
  const ask = (route: { id: string }, input: { body?: unknown; params?: unknown }, without?: string) => {
    const capabilities = new Set([...capabilitiesOf('engineer')].filter((capability) => capability !== without))
    const caller: Caller = { userId: 'u', userName: 'ann', name: 'Ann', role: 'engineer', capabilities, via: 'session', session: 's' }
    return routes.find((each) => each.route.id === route.id)?.run({ params: {}, query: {}, ...input, caller } as never)
  }
  return { ask, audit, orders, state, less: () => less }
}

test.each<[string, Look['state'], boolean]>([
  ['moves', { link: 'connected', isStanding: false }, true],
  ['works on a program', { link: 'connected', isStanding: true, job: { phase: 'streaming' } }, true],
  ['waits for a person in a program', { link: 'connected', isStanding: true, job: { phase: 'waiting' } }, false],
  ['stands', { link: 'connected', isStanding: true }, false],
  ['is switched off', { link: 'lost', isStanding: false }, false],
])('a flow whose machine %s: pausing it, and a breakpoint at its node, are refused: %o', async (_how, state, isRefused) => {
  const { ask, orders, audit } = partWith(mill(state))
  const pause = ask(pauseFlow, { body: { placeId: 'cell', isPaused: true } })
  const set = ask(setBreakpoint, { body: { at: { kind: 'node', nodeId: 'use' }, isOn: true } })
  for (const asked of [pause, set]) {
    if (isRefused) await expect(asked).rejects.toMatchObject({ code: 'machine-moving', message: expect.stringContaining('Mill 1') })
    else await asked
  }
  expect(orders).toHaveLength(isRefused ? 0 : 2)
  expect(audit).toHaveLength(isRefused ? 0 : 2)
  // another flow, a node without a machine, and letting it run again are always possible
  await ask(pauseFlow, { body: { placeId: 'other', isPaused: true } })
  await ask(pauseFlow, { body: { placeId: 'cell', isPaused: false } })
  await ask(setBreakpoint, { body: { at: { kind: 'node', nodeId: 'text' }, isOn: true } })
})

test('a yes to a machine takes the right to operate machines, and is written down as such', async () => {
  const { ask, audit, orders } = partWith(mill({ link: 'connected', isStanding: true }))
  const yes = { params: { waitingId: 'w1' }, body: { how: 'step', isMotionConfirmed: true } }
  await expect(ask(goOnWaiting, yes, 'machines.operate')).rejects.toBeInstanceOf(UserError)
  expect(orders).toEqual([])
  await ask(goOnWaiting, yes)
  expect(audit.map(({ action }) => action)).toEqual(['debugger.let a message act on a machine'])
})

test('what was changed in a message is written down, long values shortened', async () => {
  const { ask, audit } = partWith(mill({ link: 'connected', isStanding: true }))
  await ask(editWaiting, {
    params: { waitingId: 'w1' },
    body: {
      edits: [
        { path: ['payload', 'part'], value: 8 },
        { path: ['big'], value: 'x'.repeat(2000) },
      ],
    },
  })
  expect(audit[0]).toMatchObject({ action: 'debugger.changed a message', detail: { edits: [{ path: 'payload.part', value: '8' }, { path: 'big' }] } })
  expect(JSON.stringify(audit).length).toBeLessThan(1200)
})

test('without the right to see messages one is told that they wait and where, not what is in them', async () => {
  const { ask, less, state, orders } = partWith(mill({ link: 'connected', isStanding: true }))
  const body = { placeId: 'other', isPaused: true }
  expect(JSON.stringify(await ask(pauseFlow, { body }))).toContain('secret stuff')
  for (const answer of [await ask(getDebugger, {}, 'flows.messages'), await ask(pauseFlow, { body }, 'flows.messages')]) {
    expect(answer).toMatchObject({ waitingCount: 1, waiting: [{ id: 'w1', nodeId: 'use', why: 'breakpoint' }] })
    expect(JSON.stringify(answer)).not.toMatch(/secret|Ann/)
  }
  // the live topic goes through the same sieve
  expect(less()?.without).toBe('flows.messages')
  for (const told of [less()?.snapshot(state), less()?.change(state)]) {
    expect(told?.waiting).toHaveLength(1)
    expect(JSON.stringify(told)).not.toMatch(/secret|Ann/)
  }
  const asked = orders.length
  await expect(ask(editWaiting, { params: { waitingId: 'w1' }, body: { edits: [{ path: ['payload'], value: 1 }] } }, 'flows.messages')).rejects.toMatchObject({
    code: 'not-allowed',
  })
  expect(orders).toHaveLength(asked)
})
