/** The debugger in a real Node-RED: what it holds, lets go, changes, and what it never does to a machine. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BreakpointPlace, DebuggerState, FlowNode, WaitingMessage } from '../../api/index.ts'
import { type FlowsFixture, startFlowsFixture, until } from '../../flows/testing.ts'
import type { DebuggerOrder, DebuggerPlan } from './contract.ts'

let fixture: FlowsFixture
let state: DebuggerState
let plan: DebuggerPlan = { breakpoints: [], paused: [] }
const moves: { machineId: string; action: { kind: string } }[] = []
const commands: string[] = []

beforeAll(async () => {
  fixture = await startFlowsFixture({
    parts: [
      {
        requests: {
          debuggerPlan: () => plan,
          actOnMachine: (asked) => {
            moves.push(asked as never)
            return { text: 'done' } as never
          },
          commandMachine: ({ command }) => {
            commands.push(command)
            return { answer: 'held' }
          },
        },
        notifications: {
          debuggerState(next) {
            state = next
          },
        },
      },
    ],
  })
})
afterAll(() => fixture?.close())
afterEach(async () => {
  for (const { id } of (await order({ do: 'beat' })).waiting) await order({ do: 'drop', id })
  await order({ do: 'end' })
  moves.length = 0
  commands.length = 0
  fixture.published.length = 0
})

const order = (what: DebuggerOrder) => fixture.flows.runtime.peer().call('debugger', what)
const read = (id: string) => fixture.flows.runtime.peer().call('debuggerMessage', { id })
const edit = (id: string, path: (string | number)[], value?: unknown) =>
  fixture.flows.runtime.peer().call('debuggerMessage', { id, edits: [{ path, ...(value === undefined ? {} : { value }) }] })
const set = (at: BreakpointPlace, condition?: string) =>
  order({ do: 'set-breakpoint', at, isOn: true, by: 'Ann', ...(condition === undefined ? {} : { condition }) })
const at = (nodeId: string) => ({ kind: 'node', nodeId }) as const
const pause = (isPaused: boolean) => order({ do: 'pause', placeId: 'tab1', isPaused, by: 'Ann' })
const go = (held: WaitingMessage, how: 'step' | 'continue' | 'run-to' | 'free', more: object = {}) => order({ do: 'go-on', id: held.id, how, ...more })
const waitsAt = (nodeId: string) =>
  until(`a message before ${nodeId}`, async () => (await order({ do: 'beat' })).waiting.find((each) => each.nodeId === nodeId))
const shown = () =>
  fixture.published
    .filter(({ topic }) => topic === 'debug')
    .flatMap(({ change }) => change as { id?: string; msg: string }[])
    .filter(({ id }) => id === 'show')
    .map(({ msg }) => msg)
const press = (id = 'in') =>
  fetch(`${fixture.url}/red/inject/${id}`, { method: 'POST', headers: { 'x-test-role': 'engineer', 'x-cellwright': '1' } }).then((answer) => {
    expect(answer.status).toBe(200)
  })

const TAB: FlowNode = { id: 'tab1', type: 'tab', label: 'Cell' }
const node = (id: string, type: string, wires: string[], more: object = {}): FlowNode => ({
  id,
  type,
  z: 'tab1',
  name: `the ${id}`,
  x: 1,
  y: 1,
  wires: [wires],
  ...more,
})
const inject = (to: string[], payload = '1') => node('in', 'inject', to, { props: [{ p: 'payload' }], payload, payloadType: 'json', repeat: '', once: false })
const fn = (id: string, func: string, to: string[]) => node(id, 'function', to, { func, outputs: 1, libs: [] })
const debug = node('show', 'debug', [], { active: true, tosidebar: true, complete: 'payload', targetType: 'msg' })
const CHAIN = [TAB, inject(['a']), fn('a', 'msg.payload += 1; return msg', ['b']), fn('b', 'msg.payload *= 10; return msg', ['show']), debug]
const MILL: FlowNode = { id: 'mill0', type: 'cw-machine', machineId: 'mill-1' }
const jog = (id: string, to: string[]) => node(id, 'cw-jog', to, { machine: 'mill0', target: 'by', axisX: '5', axisXType: 'num', feed: '500', feedType: 'num' })

describe('a breakpoint', () => {
  test('holds a message before its node; it goes on as it was, in the run it was in', async () => {
    await fixture.deploy(CHAIN)
    await set(at('b'))
    await press()
    const held = await waitsAt('b')
    expect(held).toMatchObject({ why: 'breakpoint', from: { id: 'a', port: 0 }, places: ['tab1'], nodeName: 'the b', payload: '2' })
    expect(held.runId).toMatch(/^run_/)
    expect(shown()).toEqual([])
    await go(held, 'continue')
    await until('the result', () => shown().includes('20'))
    expect((await order({ do: 'beat' })).waiting).toEqual([])
  })

  test('on a wire catches only what comes over it', async () => {
    await fixture.deploy([TAB, inject(['a', 'b']), fn('a', 'return msg', ['c']), fn('b', 'return msg', ['c']), fn('c', 'return msg', ['show']), debug])
    await set({ kind: 'wire', from: 'b', port: 0, to: 'c' })
    await press()
    expect(await waitsAt('c')).toMatchObject({ from: { id: 'b', port: 0 } })
    await until('the other', () => shown().length === 1)
    expect((await order({ do: 'beat' })).waiting).toHaveLength(1)
  })

  test('with a condition catches only what meets it, and never lets messages overtake each other', async () => {
    const many = fn('many', 'return [[1, 2, 3, 4].map((payload) => ({ payload }))]', ['b'])
    await fixture.deploy([TAB, inject(['many']), many, node('b', 'function', ['show'], { func: 'return msg', outputs: 1, libs: [] }), debug])
    await set(at('b'), 'payload = 3')
    await press()
    await waitsAt('b')
    await until('the others', () => shown().length === 3)
    expect(shown()).toEqual(['1', '2', '4'])
  })

  test('whose condition cannot be judged holds and says why; one that is no JSONata is refused', async () => {
    await fixture.deploy(CHAIN)
    await expect(set(at('b'), 'payload >')).rejects.toMatchObject({ code: 'condition-invalid' })
    await set(at('b'), '$number({})')
    await press()
    expect(await waitsAt('b')).toMatchObject({ why: 'condition-failed', text: expect.stringMatching(/./) })
  })

  test('catches what comes without a wire: over a link, or by the press of a button', async () => {
    await fixture.deploy([
      TAB,
      inject(['out']),
      node('out', 'link out', [], { mode: 'link', links: ['far'] }),
      node('far', 'link in', ['show'], { links: ['out'] }),
      debug,
    ])
    await set(at('far'))
    await set(at('in'))
    await press()
    await go(await waitsAt('in'), 'continue')
    await go(await waitsAt('far'), 'continue')
    await until('the end', () => shown().length === 1)
  })

  test('inside a subflow catches the messages of every instance, and a wire out of one is caught where it is drawn', async () => {
    const definition = [
      { id: 'sub', type: 'subflow', name: 'twice', in: [{ x: 1, y: 1, wires: [{ id: 'inner' }] }], out: [{ x: 9, y: 1, wires: [{ id: 'inner', port: 0 }] }] },
      { ...fn('inner', 'msg.payload *= 2; return msg', []), z: 'sub' },
    ] as FlowNode[]
    await fixture.deploy([TAB, ...definition, inject(['use']), node('use', 'subflow:sub', ['show']), debug])
    await set(at('inner'))
    await set({ kind: 'wire', from: 'use', port: 0, to: 'show' })
    await press()
    const held = await waitsAt('inner')
    expect(held.places).toEqual(['tab1', 'sub'])
    await go(held, 'continue')
    expect(await waitsAt('show')).toMatchObject({ from: { id: 'use', port: 0 }, payload: '2' })
  })
})

describe('a message that waits', () => {
  test('can be read and changed; what has no JSON form stays as it is', async () => {
    await fixture.deploy([
      TAB,
      inject(['a']),
      fn('a', 'return { payload: { part: 7, list: [1, 2] }, data: Buffer.from("ab"), password: "geheim" }', ['b']),
      fn('b', 'return { payload: [msg.payload.part, msg.payload.list.length, msg.data.toString()].join() }', ['show']),
      debug,
    ])
    await set(at('b'))
    await press()
    const { id } = await waitsAt('b')
    const { message, opaque } = await read(id)
    expect(message).toMatchObject({ payload: { part: 7, list: [1, 2] }, data: 'Buffer, 2 bytes: 6162', password: '(hidden)' })
    expect(opaque).toEqual(expect.arrayContaining(['/data', '/password']))
    await edit(id, ['payload', 'part'], 8)
    await edit(id, ['payload', 'list', 0])
    await expect(edit(id, ['_run'], 'another')).rejects.toMatchObject({ code: 'edit-not-possible' })
    await expect(edit(id, ['__proto__', 'x'], 1)).rejects.toMatchObject({ code: 'edit-not-possible' })
    const held = await waitsAt('b')
    expect(held.isEdited).toBe(true)
    await go(held, 'continue')
    await until('the result', () => shown().includes('8,1,ab'))
  })

  test('can be dropped, and is gone', async () => {
    await fixture.deploy(CHAIN)
    await set(at('b'))
    await press()
    const held = await waitsAt('b')
    expect((await order({ do: 'drop', id: held.id })).waitingCount).toBe(0)
    await expect(go(held, 'continue')).rejects.toMatchObject({ code: 'not-waiting' })
    await order({ do: 'end' })
    await press()
    await until('the next one', () => shown().length === 1)
  })

  test('goes on step by step, also into another tab, or to a node', async () => {
    const other: FlowNode = { id: 'tab2', type: 'tab', label: 'Other' }
    await fixture.deploy([
      TAB,
      other,
      inject(['a']),
      fn('a', 'return msg', ['out']),
      node('out', 'link out', [], { mode: 'link', links: ['far'] }),
      { ...node('far', 'link in', ['b'], { links: ['out'] }), z: 'tab2' },
      { ...fn('b', 'return msg', ['c']), z: 'tab2' },
      { ...fn('c', 'return msg', ['show']), z: 'tab2' },
      { ...debug, z: 'tab2' },
    ])
    await set(at('a'))
    await press()
    await go(await waitsAt('a'), 'step')
    expect(await waitsAt('out')).toMatchObject({ why: 'step' })
    await go(await waitsAt('out'), 'step')
    await go(await waitsAt('far'), 'run-to', { nodeId: 'c' })
    expect(await waitsAt('c')).toMatchObject({ why: 'run-to' })
    await go(await waitsAt('c'), 'continue')
    await until('the end', () => shown().length === 1)
  })

  test('keeps its run open', async () => {
    await fixture.deploy(CHAIN)
    await set(at('b'))
    await press()
    const held = await waitsAt('b')
    // a run without anything outstanding ends after half a second
    await new Promise((resolve) => setTimeout(resolve, 1200))
    await go(held, 'step')
    expect(await waitsAt('show')).toMatchObject({ runId: held.runId })
  })

  test('is gone when a deploy stops its node, and that is counted', async () => {
    await fixture.deploy(CHAIN)
    await set(at('b'))
    await press()
    await waitsAt('b')
    const before = state.lost.deploy
    await fixture.deploy([...CHAIN, { ...TAB, id: 'tab9' }])
    await until('the count', () => state.lost.deploy === before + 1 && state.waitingCount === 0)
  })
})

describe('a paused flow', () => {
  test('holds every message before its next node, and runs on in order', async () => {
    await fixture.deploy([TAB, inject(['b']), fn('b', 'return msg', ['show']), debug])
    await pause(true)
    await press()
    await press()
    await until('both', async () => (await order({ do: 'beat' })).waiting.filter(({ nodeId, why }) => nodeId === 'in' && why === 'paused').length === 2)
    expect(shown()).toEqual([])
    const after = await pause(false)
    expect(after.paused).toEqual([])
    await until('both to go on', () => shown().length === 2)
  })
})

describe('a machine', () => {
  const FLOW = [TAB, MILL, inject(['a']), fn('a', 'return msg', ['x']), jog('x', ['y']), jog('y', ['show']), debug]

  test('does not move by a step, or because a message goes on, without a yes for each', async () => {
    await fixture.deploy(FLOW)
    await set(at('a'))
    await press()
    await go(await waitsAt('a'), 'continue')
    const first = await waitsAt('x')
    expect(first).toMatchObject({ why: 'motion', motion: { machineId: 'mill-1' } })
    for (const how of ['step', 'continue', 'free'] as const) await expect(go(first, how)).rejects.toMatchObject({ code: 'motion-not-confirmed' })
    await order({ do: 'go-on-all' })
    await order({ do: 'end' })
    expect((await waitsAt('x')).id).toBe(first.id)
    expect(moves).toEqual([])
    await go(first, 'continue', { isMotionConfirmed: true })
    expect(await waitsAt('y')).toMatchObject({ why: 'motion' })
    expect(moves).toHaveLength(1)
    await go(await waitsAt('y'), 'free', { isMotionConfirmed: true })
    await until('the end', () => shown().length === 1)
    expect(moves).toHaveLength(2)
  })

  test('does not move by another branch of a run of which a message waits', async () => {
    await fixture.deploy([
      TAB,
      MILL,
      inject(['a', 'later']),
      fn('a', 'return msg', []),
      fn('later', 'setTimeout(() => node.send(msg), 200)', ['x']),
      jog('x', ['show']),
      debug,
    ])
    await set(at('a'))
    await press()
    await waitsAt('a')
    expect(await waitsAt('x')).toMatchObject({ why: 'motion' })
    expect(moves).toEqual([])
  })

  test('gets what comes for it in its order: nothing overtakes a message that waits', async () => {
    await fixture.deploy(FLOW)
    await set(at('x'), 'payload = 1')
    await press()
    const first = await waitsAt('x')
    await order({ do: 'remove-breakpoint', id: 'x' })
    await press()
    await until('the second', async () => (await order({ do: 'beat' })).waiting.some(({ why }) => why === 'order'))
    expect(moves).toEqual([])
    await order({ do: 'drop', id: first.id })
  })

  test('gets a hold at once, paused or not, and no breakpoint can be set there', async () => {
    await fixture.deploy([
      TAB,
      MILL,
      node('in', 'inject', ['halt'], { props: [], repeat: '', once: false }),
      node('halt', 'cw-machine-command', [], { machine: 'mill0', command: 'hold' }),
    ])
    await expect(set(at('halt'))).rejects.toMatchObject({ code: 'never-held' })
    await pause(true)
    await press()
    await go(await waitsAt('in'), 'step')
    await until('the hold', () => commands.includes('hold'))
  })
})

test('a runtime that is started again takes breakpoints and pauses over before its first message', async () => {
  const often = { ...inject(['show']), repeat: '', once: true, onceDelay: 0.01 }
  await fixture.deploy([TAB, often, debug])
  plan = { breakpoints: [], paused: [{ placeId: 'tab1', since: new Date().toISOString(), by: 'Ann' }] }
  await fixture.stopRuntime()
  fixture.published.length = 0
  await fixture.startRuntime()
  expect(await waitsAt('in')).toMatchObject({ why: 'paused' })
  expect(shown()).toEqual([])
})
