/** The debugger on Node-RED's own hooks: what it costs when it is off, and what becomes of what waits when everybody has left. */
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../../../base/log.ts'
import { NODES } from '../../../nodes/index.ts'
import { type DebuggerState, MAX_WAITING, MOTION_ROLES } from '../../api/index.ts'
import type { RunningNode } from '../node-red.ts'
import { createDebugger, type Debugger } from './debugger.ts'

const { hooks, util } = createRequire(createRequire(import.meta.url).resolve('node-red'))('@node-red/util') as {
  hooks: { has(name: string): boolean; trigger(name: string, payload: object, done: (result?: unknown) => void): void }
  util: never
}
const CONFIG = Symbol.for('cellwright.config')
const nodeOf = (id: string, type = 'function', config: object = {}) =>
  ({ id, type, _inputCallback: () => {}, _inputCallbacks: null, _flow: { TYPE: 'flow', id: 'tab1' }, [CONFIG]: config }) as unknown as RunningNode

let made: Debugger | undefined
let published: DebuggerState | undefined
afterEach(() => {
  made?.close()
  expect(hooks.has('onReceive')).toBe(false)
})
function debuggerOf(leftAfterMs?: number): Debugger {
  made = createDebugger({
    red: { hooks, util, events: new EventEmitter(), nodes: { getNode: () => null } as never },
    tracing: { holdRun: () => () => {}, isOpen: () => false },
    publish: (state) => {
      published = state
    },
    log: createLog('test', 'silent'),
    ...(leftAfterMs === undefined ? {} : { leftAfterMs }),
  })
  return made
}
const receive = (node: RunningNode, message: object, done: (result?: unknown) => void) =>
  hooks.trigger('onReceive', { msg: message, destination: { id: node.id, node } }, done)
const until = async (check: () => boolean) => {
  for (let tries = 0; !check(); tries += 1) {
    if (tries > 3000) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('has no hook while there is no breakpoint, no pause and nothing that waits', () => {
  const flowDebugger = debuggerOf()
  expect(hooks.has('preDeliver')).toBe(false)
  flowDebugger.order({ do: 'set-breakpoint', at: { kind: 'node', nodeId: 'a' }, isOn: true, by: 'Ann' })
  expect(hooks.has('preDeliver') && hooks.has('onReceive')).toBe(true)
  flowDebugger.order({ do: 'set-breakpoint', at: { kind: 'node', nodeId: 'a' }, isOn: false, by: 'Ann' })
  expect(hooks.has('preDeliver') || hooks.has('onReceive')).toBe(false)
})

test('left alone, breakpoints and pauses are lifted and messages go on in order; what acts on a machine waits', async () => {
  const flowDebugger = debuggerOf(60)
  const went: string[] = []
  flowDebugger.order({ do: 'set-breakpoint', at: { kind: 'node', nodeId: 'a' }, isOn: true, by: 'Ann' })
  flowDebugger.order({ do: 'pause', placeId: 'tab1', isPaused: true, by: 'Ann' })
  for (const name of ['first', 'second']) receive(nodeOf('a'), { _run: `run_${name}` }, () => went.push(name))
  receive(nodeOf('j', 'cw-jog', { machine: 'm' }), { _run: 'run_move' }, () => went.push('moved'))
  expect(went).toEqual([])
  await until(() => published?.leftAt !== undefined)
  expect(went).toEqual(['first', 'second'])
  expect(published).toMatchObject({ paused: [], breakpoints: [{ isOn: false }], waiting: [{ nodeId: 'j', why: 'motion' }] })
  // a run that was held is watched on: it stops before the next machine, too
  receive(nodeOf('k', 'cw-home', { machine: 'm' }), { _run: 'run_first' }, () => went.push('homed'))
  expect(went).toEqual(['first', 'second'])
})

test('is not left as long as somebody is there, and is when nobody is any more', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const flowDebugger = debuggerOf(80)
  flowDebugger.order({ do: 'pause', placeId: 'tab1', isPaused: true, by: 'Ann' })
  let went = false
  receive(nodeOf('a'), {}, () => {
    went = true
  })
  for (let beats = 0; beats < 10; beats += 1) {
    vi.advanceTimersByTime(70)
    flowDebugger.order({ do: 'beat' })
  }
  expect(went).toBe(false)
  vi.advanceTimersByTime(200)
  expect(went).toBe(true)
})

test('gives a message up with an error when as many wait as it holds, and never lets it slip through', () => {
  const flowDebugger = debuggerOf()
  flowDebugger.order({ do: 'pause', placeId: 'tab1', isPaused: true, by: 'Ann' })
  let result: unknown = 'waits'
  for (let count = 0; count < MAX_WAITING; count += 1) receive(nodeOf('a'), {}, () => {})
  receive(nodeOf('a'), {}, (error) => {
    result = error
  })
  expect(result).toBeInstanceOf(Error)
  expect(flowDebugger.state()).toMatchObject({ waitingCount: MAX_WAITING, lost: { full: 1 } })
})

test('knows what every motion node does to a machine', () => {
  const motion = NODES.filter(({ family }) => family === 'motion').map(({ type }) => type)
  expect(Object.keys(MOTION_ROLES).sort()).toEqual(motion.sort())
})
