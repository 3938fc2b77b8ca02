/**
 * A flow with every orchestration node in it, and runs that wait in the middle of each. What comes out at the end of each is a
 * measurement in the database, linked with its run: none may be missing, none may be there twice.
 */
import { expect } from 'vitest'
import { answerAsk, deployFlows, getRun, listAsks, listPanel, listSteps, pressButton, type Run, raiseEvent, type StepView } from '../../server/api/index.ts'
import { type Product, until } from '../product.ts'
import { type Gate, startGate } from './gate.ts'

const AGAIN = { afterRestart: 'again' }
const EVENT = 'go'
const scopeConfig = { timeout: 0, ...AGAIN }

/** Each node in the middle of its work: `inside` waits in its branch, `return` ends that, `out` is the end of the flow. */
const NODES: Record<string, { type: string; wires: (string | undefined)[]; config: object }> = {
  waitUntil: {
    type: 'cw-wait-until',
    wires: ['out'],
    config: { mode: 'for', duration: '7', durationType: 'num', until: 'due', untilType: 'msg', clock: '06:00' },
  },
  waitEvent: { type: 'cw-wait-event', wires: ['out', undefined], config: { event: EVENT, key: '', keyType: 'msg', timeout: 0 } },
  waitPerson: {
    type: 'cw-wait-person',
    wires: ['out', undefined, undefined, undefined],
    config: {
      question: 'Go?',
      questionType: 'str',
      details: '',
      detailsType: 'str',
      asks: [],
      approve: 'Yes',
      refuse: 'No',
      who: 'panel.press',
      escalateAfter: 0,
      deadline: 0,
    },
  },
  sequence: { type: 'cw-sequence', wires: ['return', 'inside', undefined, undefined, undefined, undefined, 'out', undefined], config: scopeConfig },
  parallel: { type: 'cw-parallel', wires: ['inside', 'return', undefined, undefined, 'out', undefined], config: { join: 'all', count: 2, ...scopeConfig } },
  forEach: {
    type: 'cw-for-each',
    wires: ['inside', 'out', undefined],
    config: { list: '[1,2,3]', listType: 'json', concurrency: 3, onFailure: 'stop', ...scopeConfig },
  },
  loop: { type: 'cw-loop', wires: ['inside', 'out', undefined, undefined], config: { again: 'false', againType: 'bool', most: 5, pause: 0, ...scopeConfig } },
  try: { type: 'cw-try', wires: ['inside', undefined, undefined, 'out', undefined], config: scopeConfig },
  // its branch has failed, and what it did is being undone
  undo: { type: 'cw-try', wires: ['can-undo', undefined, undefined, undefined, 'out'], config: scopeConfig },
  retry: { type: 'cw-retry', wires: ['inside', 'out', undefined], config: { attempts: 2, pause: 1, factor: 1, longest: 1, ...scopeConfig } },
  lock: {
    type: 'cw-lock',
    wires: ['inside', 'out', undefined, undefined],
    config: { resource: 'robot', resourceType: 'str', waitAtMost: 0, lease: 0, ...AGAIN },
  },
  // somebody else has it: this one waits for it
  lockWaits: {
    type: 'cw-lock',
    wires: ['return', 'out', undefined, undefined],
    config: { resource: 'robot', resourceType: 'str', waitAtMost: 0, lease: 0, ...AGAIN },
  },
  rateGate: { type: 'cw-rate-gate', wires: ['out', undefined], config: { count: 1, period: 6, whenFull: 'wait', waitAtMost: 0, shared: 'gate' } },
  callFlow: { type: 'cw-call-flow', wires: ['out', undefined], config: { flow: 'part', flowType: 'str', ...scopeConfig } },
}

const BUTTON = { type: 'cw-button', says: 'Begins', color: 'normal', waitingText: '', waitingTextType: 'msg', whenEmpty: '', asks: [] }
/** These wait for some seconds only. */
export const BRIEFLY: readonly string[] = ['waitUntil', 'rateGate']
/** A message is under way in this node of Node-RED until the gate is opened. */
const atGate = (gate: string) => ({
  type: 'http request',
  method: 'GET',
  ret: 'txt',
  paytoqs: 'ignore',
  url: gate,
  tls: '',
  persist: false,
  proxy: '',
  insecureHTTPParser: false,
  authType: '',
  senderr: false,
  headers: [],
})

/** @param gate the address of a {@link Gate} */
export function stepFlows(gate: string): { id: string; type: string }[] {
  const all: { id: string; type: string }[] = [{ id: 'tab', type: 'tab', label: 'faults' } as { id: string; type: string }]
  const add = (node: { id: string; type: string; [key: string]: unknown }) =>
    all.push({ z: 'tab', x: 100 + all.length * 5, y: 100, name: '', ...node } as never)
  const event = { type: 'cw-wait-event', event: EVENT, key: '', keyType: 'msg', timeout: 0 }
  const each = { type: 'cw-for-each', list: '[1]', listType: 'json', concurrency: 1, onFailure: 'stop', timeout: 0 }
  add({
    id: 'out',
    type: 'cw-check',
    characteristic: 'done',
    nominal: 1,
    lower: 0,
    upper: 0,
    unit: '',
    decimals: 0,
    value: '1',
    valueType: 'num',
    wires: [[], []],
  })
  add({ id: 'return', type: 'cw-return', as: 'done', reason: '', reasonType: 'msg', wires: [] })
  add({ id: 'fails', type: 'cw-return', as: 'failed', reason: 'as planned', reasonType: 'str', wires: [] })
  add({ id: 'inside', ...event, wires: [['return'], []] })
  add({ id: 'begin', type: 'cw-flow-begin', flow: 'part', wires: [['inside']] })
  add({ id: 'can-undo', type: 'cw-undo', wires: [['fails'], ['inside']] })
  for (const [name, { type, wires, config }] of Object.entries(NODES)) {
    add({ id: `${name}-press`, ...BUTTON, label: name, wires: [[name]] })
    add({ id: name, type, ...config, wires: wires.map((to) => (to === undefined ? [] : [to])) })
  }
  // whoever passes the gate first
  add({ id: 'gate-press', ...BUTTON, label: 'gate', wires: [['rateGate']] })
  // lost in the middle between two nodes
  for (const afterRestart of ['again', 'fail']) {
    const [back, failed] = afterRestart === 'again' ? [['out'], []] : [[], ['out']]
    add({ id: `${afterRestart}-press`, ...BUTTON, label: afterRestart, wires: [[`${afterRestart}-each`]] })
    add({ id: `${afterRestart}-each`, ...each, afterRestart, wires: [['slow-inside'], back, failed] })
  }
  add({ id: 'slow-inside', ...atGate(gate), wires: [['return']] })
  // a message that is under way in a node of Node-RED
  add({ id: 'slow-press', ...BUTTON, label: 'slow', wires: [['slow']] })
  add({ id: 'slow', ...atGate(gate), wires: [['out']] })
  add({ id: 'stop-press', ...BUTTON, label: 'stop', wires: [['stop']] })
  add({ id: 'stop', type: 'cw-stop-work', what: 'all', reason: 'shift end', machineToo: 'no', wires: [['out']] })
  // nodes that are in the middle for one turn only
  add({ id: 'turn-return-press', ...BUTTON, label: 'turn return', wires: [['turn-return-each']] })
  add({ id: 'turn-return-each', ...each, ...AGAIN, wires: [['turn-return-gate'], ['out'], []] })
  add({ id: 'turn-return-gate', ...atGate(gate), wires: [['return']] })
  add({ id: 'turn-undo-press', ...BUTTON, label: 'turn undo', wires: [['turn-undo-try']] })
  add({ id: 'turn-undo-try', type: 'cw-try', ...scopeConfig, wires: [['turn-undo-gate'], [], [], ['out'], []] })
  add({ id: 'turn-undo-gate', ...atGate(gate), wires: [['turn-undo']] })
  add({ id: 'turn-undo', type: 'cw-undo', wires: [['return'], ['return']] })
  add({ id: 'turn-stop-press', ...BUTTON, label: 'turn stop', wires: [['turn-stop-parallel']] })
  add({ id: 'turn-stop-parallel', type: 'cw-parallel', join: 'all', count: 2, ...scopeConfig, wires: [['never'], ['turn-stop-gate'], [], [], [], []] })
  add({ id: 'never', ...event, event: 'never', wires: [['return'], []] })
  add({ id: 'turn-stop-gate', ...atGate(gate), wires: [['turn-stop']] })
  add({ id: 'turn-stop', type: 'cw-stop-work', what: 'run', reason: 'enough', machineToo: 'no', wires: [['out']] })
  return all
}

/** Runs by the name of what they are in the middle of. */
export type Runs = Record<string, string>

export function stepsOver(product: () => Product) {
  const call: Product['client']['call'] = (...args) => product().client.call(...args)
  const stepsOf = (runId: string): Promise<StepView[]> => call(listSteps, { query: { runId, limit: 100 } })
  const runOf = (runId: string): Promise<Run> => call(getRun, { params: { runId } })
  const press = async (name: string): Promise<string> =>
    (await call(pressButton, { params: { nodeId: `${name}-press` }, body: { pressId: crypto.randomUUID(), values: {} } })).runId
  const isWaiting = ({ state }: StepView) => state === 'waiting'
  const measured = (run: Run) => run.links.filter(({ kind }) => kind === 'measurement').length
  /** A run when it has ended; says what it waits for when it does not. */
  const ended = (name: string, runId: string): Promise<Run> =>
    until(`the end of ${name}`, 60_000, async () => {
      const now = await runOf(runId)
      return now.state === 'active' ? undefined : now
    }).catch(async (error) => {
      throw new Error(`${name}: ${JSON.stringify([await runOf(runId), await stepsOf(runId)])}`, { cause: error })
    })
  let gate: Gate | undefined
  let buttons = 0
  /** A runtime that was restarted tells of its buttons when its flows run. */
  const flowsRun = () => until('the buttons', 30_000, async () => (await call(listPanel, {})).length === buttons || undefined)

  return {
    stepsOf,
    press,
    get gate(): Gate {
      if (!gate) throw new Error('there is no gate before the deploy')
      return gate
    },
    close: () => gate?.close(),

    async deploy(more: readonly object[] = []) {
      gate ??= await startGate()
      const flows = [...stepFlows(gate.url), ...more]
      await call(deployFlows, { body: { kind: 'full', flows: flows as never } })
      buttons = flows.filter((node) => (node as { type?: string }).type === 'cw-button').length
      await flowsRun()
    },

    /** Begins a run of each kind; resolves when each waits in its middle. */
    async beginAll(): Promise<Runs> {
      await flowsRun()
      const runs: Runs = {}
      const missing = async (names: readonly string[]) => {
        const open = (await call(listSteps, { query: { limit: 500 } })).filter(isWaiting)
        const isThere = (name: string) =>
          open.some((step) => step.runId === runs[name] && (name === 'lockWaits' ? !step.isOut : step.kind !== 'scope' && step.kind !== 'lock'))
        return names.filter((name) => !isThere(name))
      }
      const long = Object.keys(NODES).filter((name) => !BRIEFLY.includes(name))
      for (const name of long) runs[name] = await press(name)
      await until('each to wait in its middle', 40_000, async () => {
        const names = await missing(long)
        if (names.length) throw new Error(`not yet: ${names}`)
        return true
      })
      // one passes the gate and is done with it, the next one has to wait for its turn
      runs.gate = await press('gate')
      await ended('gate', runs.gate)
      // last, so that they still wait when everything does; one that was through before anybody looked has a next one
      for (const name of BRIEFLY)
        await until(`${name} to wait`, 60_000, async () => {
          const before = runs[name]
          if (before === undefined || (await runOf(before)).state !== 'active') runs[name] = await press(name)
          return (await missing([name])).length === 0 || undefined
        })
      return runs
    },

    /** Begins what is in its middle for one turn only: its message is on the way until the gate is opened. */
    async beginTurns(): Promise<Runs> {
      await flowsRun()
      gate?.shut()
      const runs: Runs = {}
      for (const name of ['turn-return', 'turn-undo', 'turn-stop']) {
        const runId = await press(name)
        runs[name] = runId
        // the other branch of what is stopped waits: without its row there would be nothing to cancel
        const isBegun = (list: StepView[]) => list.some(({ isOut }) => isOut) && (name !== 'turn-stop' || list.some(({ nodeId }) => nodeId === 'never'))
        await until(`the branch of ${name}`, 20_000, async () => isBegun(await stepsOf(runId)) || undefined)
      }
      return runs
    },

    /** Lets everything go on. What an earlier try has let go on, its answer lost with the gateway, is not waited for again. */
    async goOn(runs: Runs): Promise<void> {
      const isStillWaiting = async (name: string) => (await stepsOf(runs[name] as string)).some(isWaiting)
      await until('the event to be taken', 30_000, async () => {
        const { woken } = await call(raiseEvent, { params: { name: EVENT }, body: {} })
        return woken > 0 || !(await isStillWaiting('waitEvent')) || undefined
      })
      const answerId = crypto.randomUUID()
      await until('the question to be answered', 30_000, async () => {
        const ask = (await call(listAsks, {})).find(({ runId }) => runId === runs.waitPerson)
        if (!ask) return !(await isStillWaiting('waitPerson')) || undefined
        await call(answerAsk, { params: { stepId: ask.stepId }, body: { answerId, choice: 'yes', values: {} } })
        return true
      })
    },
    raise: async () => (await call(raiseEvent, { params: { name: EVENT }, body: {} })).woken,

    measured,
    ended,

    async expectEachOnce(runs: Runs): Promise<void> {
      for (const [name, runId] of Object.entries(runs)) {
        const run = await ended(name, runId)
        expect({ name, state: run.state, measured: measured(run), open: (await stepsOf(runId)).filter(isWaiting) }).toEqual({
          name,
          state: 'completed',
          measured: 1,
          open: [],
        })
      }
    },

    /** Each ended, none of them twice; one that came to nothing says that a process died. */
    async expectNoneTwice(runs: Runs): Promise<void> {
      for (const [name, runId] of Object.entries(runs)) {
        const run = await ended(name, runId)
        expect(measured(run), name).toBeLessThanOrEqual(1)
        if (measured(run) === 0) expect(run.summary, `${name}: ${JSON.stringify([run, await stepsOf(runId)])}`).toMatch(/restarted|went away/)
        expect((await stepsOf(runId)).filter(isWaiting), name).toEqual([])
      }
    },
  }
}
