/** Nodes that give messages out and take them back, over the real store: order, joins, failures, restarts. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Rig, startRig } from './testing.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.close())
afterEach(async () => {
  rig.resetClock()
  for (const { id } of await rig.steps()) await rig.ask('endStep', { params: { stepId: id }, body: { reason: 'end of the test' } }).catch(() => undefined)
})

let count = 0
const aRun = () => `run_scope${++count}`
const sink = { id: 'sink', type: 'debug', active: false, tosidebar: false, wires: [] }
const fn = (id: string, func: string, wires: string[]) => ({ id, type: 'function', name: id, func, outputs: 1, wires: [wires] })
const back = { id: 'back', type: 'cw-return', as: 'done', wires: [] }
/** Where a test holds messages: nothing comes out of it by itself. */
const parked = { id: 'parked', type: 'cw-wait-event', event: 'never', key: '', keyType: 'msg', timeout: 0, wires: [['back'], []] }
const sentBy = (nodeId: string, output?: number) => rig.red.sent.filter(({ from, output: at }) => from === nodeId && (output === undefined || at === output))
const wired = (outputs: number, first: Record<number, string>) => Array.from({ length: outputs }, (_, output) => [first[output] ?? 'sink'])

describe('for each', () => {
  const each = (more: object = {}) => ({
    id: 'each',
    type: 'cw-for-each',
    list: 'payload',
    listType: 'msg',
    concurrency: 1,
    onFailure: 'stop',
    timeout: 0,
    afterRestart: 'fail',
    wires: wired(3, { 0: 'double' }),
    ...more,
  })

  it('sends each item in turn and collects the results in the order of the list', async () => {
    await rig.deploy([each(), fn('double', 'msg.payload *= 2; return msg', ['back']), back, sink])
    const runId = aRun()
    rig.red.give('each', { _run: runId, payload: [1, 2, 3], order: 'A' })
    const done = await rig.red.next('each', 1)
    expect(done).toMatchObject({ payload: [2, 4, 6], order: 'A', failures: [], _run: runId })
    expect(done).not.toHaveProperty('_steps')
    expect(sentBy('each', 0).map(({ message }) => (message.each as { number: number }).number)).toEqual([1, 2, 3])
    await rig.untilOpen(0)
  })

  it('has no more under way than said, and takes a wire back to its input for a return', async () => {
    await rig.deploy([each({ concurrency: 2, wires: wired(3, { 0: 'parked' }) }), { ...parked, wires: [['each'], []] }, sink])
    rig.red.give('each', { _run: aRun(), payload: ['a', 'b', 'c'] })
    await rig.untilOpen(3)
    expect(sentBy('each', 0)).toHaveLength(2)
    await rig.ask('raiseEvent', { params: { name: 'never' } })
    await rig.until('the third item alone to wait', async () => {
      const open = await rig.steps()
      return open.some(({ text }) => text === 'item 3 of 3') && open.filter(({ nodeId }) => nodeId === 'parked').length === 1
    })
    await rig.ask('raiseEvent', { params: { name: 'never' } })
    expect(await rig.red.next('each', 1)).toMatchObject({ payload: ['a', 'b', 'c'] })
    await rig.untilOpen(0)
  })

  it('fails with the item and its error when nothing catches it, or goes on with the others', async () => {
    const nodes = [fn('double', 'if (msg.payload === 2) throw new Error("no stock"); return msg', ['back']), back, sink]
    await rig.deploy([each(), ...nodes])
    rig.red.give('each', { _run: aRun(), payload: [1, 2, 3] })
    expect(await rig.red.next('each', 2)).toMatchObject({
      error: { message: expect.stringMatching(/item 2 of 3 failed: double: .*no stock/), index: 1 },
      payload: [1, null, null],
    })
    expect(sentBy('each', 0)).toHaveLength(2)
    await rig.deploy([each({ onFailure: 'go-on' }), ...nodes])
    rig.red.give('each', { _run: aRun(), payload: [1, 2, 3] })
    expect(await rig.red.next('each', 1)).toMatchObject({ payload: [1, null, 3], failures: [{ index: 1, text: expect.stringContaining('no stock') }] })
    await rig.untilOpen(0)
  })

  it('hands a failure that nothing is wired for to the step around it', async () => {
    await rig.deploy([
      { id: 'outer', type: 'cw-try', timeout: 0, afterRestart: 'fail', wires: [['each'], [], [], [], ['sink']] },
      each({ wires: [['double'], ['back'], []] }),
      fn('double', 'throw new Error("no stock")', ['back']),
      back,
      sink,
    ])
    rig.red.give('outer', { _run: aRun(), payload: [1] })
    expect(await rig.red.next('outer', 4)).toMatchObject({ error: { message: expect.stringMatching(/item 1 of 1 failed: double: .*no stock/) } })
    await rig.untilOpen(0)
  })

  it('goes on after a restart where it was, and counts as failed what was out', async () => {
    await rig.deploy([
      each({ onFailure: 'go-on', wires: wired(3, { 0: 'gate' }) }),
      fn('gate', 'if (msg.payload !== 2 || global.get("again")) return msg', ['back']),
      back,
      sink,
    ])
    rig.red.give('each', { _run: aRun(), payload: [1, 2, 3] })
    await rig.red.until(() => sentBy('each', 0).length === 2, 'the second item')
    const before = await rig.untilOpen(1)
    await rig.restartRuntime()
    const done = await rig.red.next('each', 1)
    expect(done).toMatchObject({
      payload: [1, null, 3],
      failures: [{ index: 1, text: expect.stringContaining('item 2 of 3: the flow runtime was restarted') }],
    })
    expect(before[0]?.text).toBe('item 2 of 3')
    await rig.untilOpen(0)
  })

  it('gives again after a restart what was out, if it is said so', async () => {
    await rig.deploy([
      each({ afterRestart: 'again', wires: wired(3, { 0: 'gate' }) }),
      fn('gate', 'if (msg.payload !== 2 || global.get("again")) return msg', ['back']),
      back,
      sink,
      fn('open', 'global.set("again", true); return msg', ['sink']),
    ])
    rig.red.give('each', { _run: aRun(), payload: [1, 2, 3] })
    await rig.red.until(() => sentBy('each', 0).length === 2, 'the second item')
    rig.red.give('open', {})
    await rig.red.next('open')
    await rig.restartRuntime()
    expect(await rig.red.next('each', 1)).toMatchObject({ payload: [1, 2, 3] })
    expect(sentBy('each', 0).map(({ message }) => message.payload)).toEqual([2, 3])
    await rig.untilOpen(0)
  })

  it('of a host that is gone goes on at another one, which counts as failed what was out there', async () => {
    await rig.deploy([each({ onFailure: 'go-on', wires: wired(3, { 0: 'gate' }) }), fn('gate', 'if (msg.payload !== 2) return msg', ['back']), back, sink])
    const { db } = rig.store.store
    rig.red.give('each', { _run: aRun(), payload: [1, 2, 3] })
    // noted before it is sent
    await rig.red.until(() => sentBy('each', 0).length === 2, 'the second item')
    await db.updateTable('step').set({ host: 'other', life: 'gone' }).where('state', '=', 'waiting').execute()
    await db
      .insertInto('jobHost')
      .values({ name: 'other', at: new Date(Date.now() - 120_000) })
      .execute()
    rig.pass(61_000)
    expect(await rig.red.next('each', 1)).toMatchObject({ payload: [1, null, 3] })
    await rig.untilOpen(0)
  })

  it('asks a person after a restart when a machine is behind it, whatever is said', async () => {
    const machine = { id: 'mill', type: 'cw-machine', machineId: 'mill-1' }
    const home = { id: 'home', type: 'cw-home', machine: 'mill', axes: '', wires: [['back']] }
    await rig.deploy([each({ afterRestart: 'again', wires: wired(3, { 0: 'hole' }) }), fn('hole', 'return null', ['home']), home, machine, back, sink])
    const runId = aRun()
    rig.red.give('each', { _run: runId, payload: [1] })
    await rig.untilOpen(1)
    await rig.restartRuntime()
    await rig.until('the question', async () => (await rig.asks()).length === 1)
    expect(sentBy('each', 0)).toHaveLength(0)
    const [ask] = await rig.asks()
    expect(ask).toMatchObject({ runId, ask: { title: 'for each: do item 1 of 1 again?', choices: [{ key: 'again' }, { key: 'fail' }] } })
    await rig.ask('answerAsk', { params: { stepId: ask?.stepId }, body: { answerId: 'answer-1', choice: 'again' } })
    await rig.red.next('each', 0)
    expect(await rig.asks()).toEqual([])
  })
})

describe('parallel', () => {
  const parallel = (more: object = {}) => ({
    id: 'par',
    type: 'cw-parallel',
    join: 'all',
    count: 2,
    timeout: 0,
    afterRestart: 'fail',
    wires: [['a'], ['b'], ['c'], [], ['sink'], ['sink']],
    ...more,
  })
  const branch = (id: string) => fn(id, `msg.payload = "${id}"; return msg`, ['back'])

  it('joins all branches, each with its result in its place', async () => {
    await rig.deploy([parallel(), branch('a'), branch('b'), branch('c'), back, sink])
    rig.red.give('par', { _run: aRun(), payload: 0, part: { id: 1 } })
    expect(await rig.red.next('par', 4)).toMatchObject({ payload: ['a', 'b', 'c'], part: { id: 1 } })
    await rig.untilOpen(0)
  })

  it('joins with the first, and ends what waits in the others', async () => {
    // the first branch goes on when the second one waits
    const first = { ...parked, id: 'first', event: 'go', wires: [['a'], []] }
    await rig.deploy([parallel({ join: 'any', wires: [['first'], ['parked'], [], [], ['sink'], ['sink']] }), first, branch('a'), parked, back, sink])
    rig.red.give('par', { _run: aRun() })
    await rig.untilOpen(3)
    await rig.ask('raiseEvent', { params: { name: 'go' } })
    expect(await rig.red.next('par', 4)).toMatchObject({ payload: ['a', null] })
    await rig.untilOpen(0)
    await rig.red.untilStatus('parked', 'nothing waits')
    expect(sentBy('par', 5)).toEqual([])
  })

  it('a message that comes late into a step of an ended one goes no further, and does not keep its run open', async () => {
    await rig.deploy([parallel({ join: 'any', wires: [['a'], ['parked'], [], [], ['sink'], ['sink']] }), branch('a'), parked, back, sink])
    const run = aRun()
    rig.red.give('par', { _run: run })
    await rig.red.next('par', 4)
    await rig.untilOpen(0)
    const [over] = (await rig.steps(run)).filter(({ nodeId }) => nodeId === 'par')
    rig.red.give('parked', { _run: run, _steps: [{ id: over?.id, nodeId: 'par', part: 1 }] })
    await rig.until('the refusal', () => rig.red.logged.some(({ text }) => /The step that this message belongs to has ended/.test(text)))
    await rig.until('the run to be let go', () => !rig.runs.held().some(({ id }) => id === run))
  })

  it('does not join when too few can come back, or in time', async () => {
    await rig.deploy([
      parallel({ join: 'some', count: 2, timeout: 60 }),
      branch('a'),
      fn('b', 'throw new Error("broken")', ['back']),
      fn('c', 'return null', ['back']),
      back,
      sink,
    ])
    rig.red.give('par', { _run: aRun() })
    await rig.until('two branches', async () => (await rig.steps())[0]?.text === '1 of 2 branches back, out: 3')
    rig.pass(61_000)
    expect(await rig.red.next('par', 5)).toMatchObject({
      error: { message: expect.stringContaining('not joined within 1 min') },
      branches: [{ branch: 1, payload: 'a' }, { branch: 2, failure: expect.stringContaining('broken') }, { branch: 3 }],
    })
    await rig.deploy([parallel(), branch('a'), fn('b', 'throw new Error("broken")', ['back']), branch('c'), back, sink])
    rig.red.give('par', { _run: aRun() })
    expect(await rig.red.next('par', 5)).toMatchObject({ error: { message: expect.stringMatching(/branch 2: b: .*broken/) } })
  })

  it('keeps branches that wait over restarts of runtime and gateway', async () => {
    await rig.deploy([parallel({ join: 'all', wires: [['a'], ['parked'], [], [], ['sink'], ['sink']], afterRestart: 'fail' }), branch('a'), parked, back, sink])
    rig.red.give('par', { _run: aRun() })
    await rig.until('the first branch', async () => (await rig.steps()).some(({ text }) => text === '1 of 2 branches back, out: 2'))
    await rig.untilOpen(2)
    await rig.restartRuntime()
    await rig.restartGateway()
    await rig.ask('raiseEvent', { params: { name: 'never' } })
    expect(await rig.red.next('par', 4)).toMatchObject({ payload: ['a', null] })
    await rig.untilOpen(0)
  })
})

describe('sequence and loop', () => {
  it('a sequence begins each step with what the one before gave back', async () => {
    const sequence = { id: 'seq', type: 'cw-sequence', timeout: 0, afterRestart: 'fail', wires: [['one'], ['two'], [], [], [], [], ['sink'], ['sink']] }
    await rig.deploy([sequence, fn('one', 'msg.payload += "1"; return msg', ['back']), fn('two', 'msg.payload += "2"; return msg', ['back']), back, sink])
    rig.red.give('seq', { _run: aRun(), payload: '0' })
    expect(await rig.red.next('seq', 6)).toMatchObject({ payload: '012' })
    await rig.untilOpen(0)
  })

  it('a loop ends when its condition no longer holds, and at its limit at the latest', async () => {
    const loop = (most: number) => ({
      id: 'loop',
      type: 'cw-loop',
      again: 'more',
      againType: 'msg',
      most,
      pause: 0,
      timeout: 0,
      afterRestart: 'fail',
      wires: [['step'], ['sink'], ['sink'], ['sink']],
    })
    const step = fn('step', 'msg.payload += 1; msg.more = msg.payload < 3; return msg', ['back'])
    await rig.deploy([loop(10), step, back, sink])
    rig.red.give('loop', { _run: aRun(), payload: 0 })
    expect(await rig.red.next('loop', 1)).toMatchObject({ payload: 3, loop: { round: 3 } })
    await rig.deploy([loop(2), step, back, sink])
    rig.red.give('loop', { _run: aRun(), payload: -5 })
    expect(await rig.red.next('loop', 2)).toMatchObject({ payload: -3, loop: { round: 2, most: 2 } })
    await rig.untilOpen(0)
  })
})

describe('retry', () => {
  const retry = (more: object = {}) => ({
    id: 'retry',
    type: 'cw-retry',
    attempts: 3,
    pause: 10,
    factor: 2,
    longest: 300,
    timeout: 0,
    afterRestart: 'fail',
    wires: [['work'], ['sink'], ['sink']],
    ...more,
  })

  it('tries again after a growing pause, and gives up at the last try', async () => {
    await rig.deploy([retry(), fn('work', 'if (msg.retry.attempt < msg.good) throw new Error("away"); return msg', ['back']), back, sink])
    rig.red.give('retry', { _run: aRun(), good: 3 })
    await rig.until('the first pause', async () => (await rig.steps())[0]?.text.startsWith('try 2 of 3 at'))
    rig.pass(11_000)
    await rig.until('the second pause', async () => (await rig.steps())[0]?.text.startsWith('try 3 of 3 at'))
    rig.pass(21_000)
    expect(await rig.red.next('retry', 1)).toMatchObject({ retry: { attempt: 3 } })
    rig.resetClock()
    rig.red.give('retry', { _run: aRun(), good: 9 })
    for (const [text, ms] of [
      ['try 2', 11_000],
      ['try 3', 21_000],
    ] as const) {
      await rig.until(text, async () => (await rig.steps())[0]?.text.startsWith(text))
      rig.pass(ms)
    }
    expect(await rig.red.next('retry', 2)).toMatchObject({ error: { message: expect.stringContaining('away'), attempt: 3 } })
    await rig.untilOpen(0)
  })

  it('repeats nothing by itself that acts on a machine', async () => {
    const machine = { id: 'mill', type: 'cw-machine', machineId: 'mill-1' }
    const home = { id: 'home', type: 'cw-home', machine: 'mill', axes: '', wires: [['back']] }
    await rig.deploy([retry(), fn('work', 'throw new Error("away")', ['home']), home, machine, back, sink])
    rig.red.give('retry', { _run: aRun() })
    await rig.until('the question', async () => (await rig.asks()).length === 1)
    rig.pass(3_600_000)
    expect(sentBy('retry', 0)).toHaveLength(1)
    const [ask] = await rig.asks()
    expect(ask?.ask).toMatchObject({ title: 'retry: try again?', who: 'machines.operate' })
    await rig.ask('answerAsk', { params: { stepId: ask?.stepId }, body: { answerId: 'answer-2', choice: 'give-up' } })
    expect(await rig.red.next('retry', 2)).toMatchObject({ error: { message: expect.stringContaining('given up by Anna') } })
  })
})

describe('try', () => {
  const tryNode = (wires: string[][]) => ({ id: 'try', type: 'cw-try', timeout: 0, afterRestart: 'fail', wires })
  const undo = (id: string, next: string) => ({ id, type: 'cw-undo', wires: [[next], [`${id}-undone`]] })

  it('goes on with what its branch gave back, after "finally"', async () => {
    await rig.deploy([
      tryNode([['work'], ['sink'], ['tidy'], ['sink'], ['sink']]),
      fn('work', 'msg.payload = 1; return msg', ['back']),
      fn('tidy', 'return msg', ['back']),
      back,
      sink,
    ])
    rig.red.give('try', { _run: aRun() })
    expect(await rig.red.next('try', 3)).toMatchObject({ payload: 1 })
    expect(sentBy('try').map(({ output }) => output)).toEqual([0, 2, 3])
  })

  it('undoes what was done, newest first, before "catch" and "finally"', async () => {
    await rig.deploy([
      tryNode([['u1'], ['caught'], ['tidy'], ['sink'], ['sink']]),
      undo('u1', 'u2'),
      undo('u2', 'work'),
      fn('work', 'throw new Error("clamp open")', ['back']),
      fn('u1-undone', 'return msg', ['back']),
      fn('u2-undone', 'return msg', ['back']),
      fn('caught', 'msg.handled = msg.error.message; return msg', ['back']),
      fn('tidy', 'return msg', ['back']),
      back,
      sink,
    ])
    rig.red.give('try', { _run: aRun(), part: 5 })
    expect(await rig.red.next('try', 3)).toMatchObject({ handled: expect.stringContaining('clamp open'), part: 5 })
    const order = rig.red.sent
      .filter(({ from, output }) => (/^u\d$/.test(from) && output === 1) || from === 'try')
      .map(({ from, output }) => `${from}:${output}`)
    expect(order).toEqual(['try:0', 'u2:1', 'u1:1', 'try:1', 'try:2', 'try:3'])
    await rig.untilOpen(0)
  })

  it('fails without "catch", and names what could not be undone', async () => {
    await rig.deploy([
      tryNode([['u1'], [], [], ['sink'], ['sink']]),
      undo('u1', 'work'),
      fn('work', 'throw new Error("clamp open")', []),
      fn('u1-undone', 'throw new Error("stuck")', []),
      back,
      sink,
    ])
    rig.red.give('try', { _run: aRun() })
    expect(await rig.red.next('try', 4)).toMatchObject({
      error: { message: expect.stringContaining('clamp open'), notUndone: [expect.stringContaining('stuck')] },
    })
    await rig.untilOpen(0)
  })

  it('treats a branch that was lost in a restart as failed: what it did is undone', async () => {
    await rig.deploy([
      tryNode([['u1'], ['caught'], [], ['sink'], ['sink']]),
      undo('u1', 'hole'),
      fn('hole', 'return null', []),
      fn('u1-undone', 'return msg', ['back']),
      fn('caught', 'return msg', ['back']),
      back,
      sink,
    ])
    rig.red.give('try', { _run: aRun() })
    await rig.until('the undo to be noted', async () => sentBy('u1', 0).length === 1)
    await rig.restartRuntime()
    await rig.red.next('try', 3)
    expect(sentBy('u1', 1)).toHaveLength(1)
    expect(sentBy('try', 1)[0]?.message).toMatchObject({ error: { message: expect.stringContaining('restarted') } })
  })
})

describe('call flow', () => {
  it('hands a message to a flow by its name and goes on with its answer', async () => {
    const call = { id: 'call', type: 'cw-call-flow', flow: 'measure', flowType: 'str', timeout: 0, afterRestart: 'fail', wires: [['sink'], ['sink']] }
    await rig.deploy([
      call,
      { id: 'begin', type: 'cw-flow-begin', flow: 'measure', wires: [['work']] },
      fn('work', 'msg.payload = 42; return msg', ['back']),
      back,
      sink,
    ])
    rig.red.give('call', { _run: aRun(), order: 1 })
    expect(await rig.red.next('call', 0)).toMatchObject({ payload: 42, order: 1 })
    await rig.deploy([{ ...call, flow: 'nobody' }, sink])
    rig.red.give('call', { _run: aRun() })
    expect(await rig.red.next('call', 1)).toMatchObject({ error: { message: expect.stringContaining('No running flow begins with the name "nobody"') } })
    await rig.untilOpen(0)
  })
})

describe('lock', () => {
  const lock = (more: object = {}) => ({
    id: 'lock',
    type: 'cw-lock',
    resource: 'robot',
    resourceType: 'str',
    waitAtMost: 0,
    lease: 0,
    afterRestart: 'fail',
    wires: [['parked'], ['sink'], ['sink'], ['sink']],
    ...more,
  })

  it('lets one at a time have it, in the order in which they came, and says who has it', async () => {
    await rig.deploy([lock(), parked, back, sink])
    const runs = [aRun(), aRun(), aRun()]
    for (const [index, runId] of runs.entries()) {
      rig.red.give('lock', { _run: runId })
      await rig.until('its place in the line', async () => (await rig.steps()).filter(({ nodeId }) => nodeId === 'lock').length === index + 1)
    }
    for (const runId of runs) {
      await rig.until(`${runId} to have it`, async () => {
        const [state] = await rig.ask<{ holder?: { runId: string }; waiting: unknown[] }[]>('listLocks')
        return state?.holder?.runId === runId && (await rig.steps()).some(({ nodeId }) => nodeId === 'parked')
      })
      expect((await rig.steps()).filter(({ nodeId }) => nodeId === 'parked')).toHaveLength(1)
      await rig.ask('raiseEvent', { params: { name: 'never' } })
      expect(await rig.red.next('lock', 1)).toMatchObject({ _run: runId })
    }
    expect(sentBy('lock', 0).map(({ message }) => (message.lock as { token: number }).token)).toEqual([1, 2, 3])
    await rig.untilOpen(0)
  })

  it('goes to the next when its time is over; what comes back late changes nothing', async () => {
    await rig.deploy([lock({ lease: 60 }), parked, back, sink])
    const [first, second] = [aRun(), aRun()]
    rig.red.give('lock', { _run: first })
    await rig.untilOpen(2)
    rig.red.give('lock', { _run: second })
    await rig.untilOpen(3)
    rig.pass(61_000)
    expect(await rig.red.next('lock', 2)).toMatchObject({ _run: first, error: { message: expect.stringContaining('kept longer') } })
    await rig.red.until(() => sentBy('lock', 0).length === 2, 'the next one to have it')
    const [before, after] = sentBy('lock', 0).map(({ message }) => message)
    expect(after?._run).toBe(second)
    const token = (message: typeof before) => (message?.lock as { token: number } | undefined)?.token ?? 0
    expect(token(after)).toBe(token(before) + 1)
  })
})

describe('wait for a person', () => {
  const person = (more: object = {}) => ({
    id: 'person',
    type: 'cw-wait-person',
    question: 'Release {it}?',
    questionType: 'str',
    details: '',
    detailsType: 'str',
    asks: [{ key: 'bore', label: 'Bore', kind: 'number', unit: 'mm' }],
    approve: 'Approve',
    refuse: 'Refuse',
    who: 'panel.press',
    machine: '',
    escalateAfter: 60,
    deadline: 600,
    wires: [['sink'], ['sink'], ['sink'], ['sink']],
    ...more,
  })

  it('takes one answer with its values, also after restarts', async () => {
    await rig.deploy([person(), sink])
    const runId = aRun()
    rig.red.give('person', { _run: runId, part: 3 })
    await rig.red.untilStatus('person', /^since \d\d:\d\d: an answer: Release \{it\}\?$/)
    await rig.restartRuntime()
    await rig.restartGateway()
    const [ask] = await rig.asks()
    const answer = (body: object, capabilities?: never[]) =>
      rig.ask('answerAsk', { params: { stepId: ask?.stepId }, body: { answerId: 'answer-3', ...body }, ...(capabilities ? { capabilities } : {}) })
    await expect(answer({ choice: 'yes', values: { bore: 1 } }, [])).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(answer({ choice: 'yes' })).rejects.toMatchObject({ code: 'value-missing' })
    await answer({ choice: 'yes', values: { bore: 42.01 }, comment: 'measured twice' })
    await answer({ choice: 'yes', values: { bore: 42.01 } })
    await expect(rig.ask('answerAsk', { params: { stepId: ask?.stepId }, body: { answerId: 'answer-4', choice: 'no' } })).rejects.toMatchObject({
      code: 'answered-already',
    })
    expect(await rig.red.next('person', 0)).toMatchObject({
      part: 3,
      values: { bore: 42.01 },
      answer: { choice: 'approved', by: 'Anna', comment: 'measured twice' },
    })
    await rig.untilOpen(0)
    expect(sentBy('person')).toHaveLength(1)
  })

  it('escalates and goes on waiting, then gives up at its deadline', async () => {
    await rig.deploy([person(), sink])
    rig.red.give('person', { _run: aRun() })
    await rig.untilOpen(1)
    rig.pass(61_000)
    await rig.red.next('person', 3)
    expect((await rig.asks())[0]?.ask.isEscalated).toBe(true)
    rig.pass(600_000)
    expect(await rig.red.next('person', 2)).toMatchObject({ error: { message: 'no answer within 10 min' } })
    await rig.untilOpen(0)
    expect(await rig.asks()).toEqual([])
  })
})

describe('wait for event, rate gate, stop everything', () => {
  it('an event wakes those that wait for it with its key, or with none', async () => {
    await rig.deploy([{ id: 'ev', type: 'cw-wait-event', event: 'ready', key: 'order', keyType: 'msg', timeout: 60, wires: [['sink'], ['sink']] }, sink])
    rig.red.give('ev', { _run: aRun(), order: 'A' })
    rig.red.give('ev', { _run: aRun(), order: 'B' })
    await rig.untilOpen(2)
    expect(await rig.ask('raiseEvent', { params: { name: 'ready' }, body: { key: 'B', payload: { bin: 7 } } })).toEqual({ woken: 1 })
    expect(await rig.red.next('ev', 0)).toMatchObject({ order: 'B', event: { name: 'ready', key: 'B', payload: { bin: 7 } } })
    rig.pass(61_000)
    expect(await rig.red.next('ev', 1)).toMatchObject({ order: 'A' })
    await rig.untilOpen(0)
  })

  it('an "emit" of a flow is such an event, with msg.key as its key', async () => {
    await rig.deploy([
      { id: 'ev', type: 'cw-wait-event', event: 'ready', key: 'order', keyType: 'msg', timeout: 0, wires: [['sink'], ['sink']] },
      { id: 'ev2', type: 'cw-wait-event', event: 'ready', key: '', keyType: 'msg', timeout: 0, wires: [['sink'], ['sink']] },
      sink,
    ])
    rig.red.give('ev', { _run: aRun(), order: 'A' })
    rig.red.give('ev2', { _run: aRun() })
    await rig.untilOpen(2)
    rig.services.triggers.emit('ready', { key: 'A', payload: 5 })
    expect(await rig.red.next('ev', 0)).toMatchObject({ event: { key: 'A', payload: 5 } })
    expect(await rig.red.next('ev2', 0)).toMatchObject({ event: { payload: 5 } })
    await rig.untilOpen(0)
    expect(sentBy('ev2')).toHaveLength(1)
  })

  it('a rate gate lets no more pass in any period, and turns away what would wait too long', async () => {
    const gate = (more: object) => ({
      id: 'gate',
      type: 'cw-rate-gate',
      count: 2,
      period: 60,
      whenFull: 'wait',
      waitAtMost: 100,
      shared: '',
      wires: [['sink'], ['sink']],
      ...more,
    })
    await rig.deploy([gate({}), sink])
    for (let part = 0; part < 5; part += 1) rig.red.give('gate', { _run: aRun(), part })
    await rig.untilOpen(2)
    await rig.red.until(() => sentBy('gate', 0).length >= 2, 'the two that may pass')
    expect(sentBy('gate', 0).map(({ message }) => message.part)).toEqual([0, 1])
    expect((await rig.red.next('gate', 1)).part).toBe(4)
    rig.pass(61_000)
    await rig.red.until(() => sentBy('gate', 0).length === 4, 'the two that waited')
    await rig.untilOpen(0)
  })

  it('stopping ends what other runs wait for, and not the run that asked', async () => {
    const stop = { id: 'stop', type: 'cw-stop-work', what: 'flow', reason: 'shift end', machineToo: 'no', machine: '', wires: [['sink']] }
    await rig.deploy([stop, { ...parked, wires: [['sink'], []] }, sink])
    const [waits, asks] = [aRun(), aRun()]
    rig.red.give('parked', { _run: waits })
    await rig.untilOpen(1)
    rig.red.give('stop', { _run: asks })
    expect(await rig.red.next('stop')).toMatchObject({ stopped: { steps: 1, runs: 1 } })
    await rig.untilOpen(0)
    expect((await rig.steps(waits))[0]).toMatchObject({ outcome: 'cancelled', text: 'shift end' })
    expect(rig.stopped).toContain(waits)
    await rig.red.untilStatus('parked', 'nothing waits')
  })

  it('a machine is held only where that is chosen, and first; when it cannot be asked, the runs are ended all the same', async () => {
    const stop = { id: 'stop', type: 'cw-stop-work', what: 'flow', reason: 'fire', machineToo: 'hold', machine: 'mill', wires: [['sink']] }
    const nodes = [stop, { id: 'mill', type: 'cw-machine', machineId: 'mill-1' }, { ...parked, wires: [['sink'], []] }, sink]
    await rig.deploy(nodes)
    rig.services.calls.length = 0
    rig.red.give('stop', { _run: aRun() })
    await rig.red.next('stop')
    expect(rig.services.callsOf('commandMachine')).toMatchObject([{ machineId: 'mill-1', command: 'hold' }])
    rig.services.refuse.set('commandMachine', new Error('guard away'))
    rig.red.logged.length = 0
    rig.red.give('parked', { _run: aRun() })
    await rig.untilOpen(1)
    rig.red.give('stop', { _run: aRun() })
    await rig.untilOpen(0)
    await rig.red.until(
      () => rig.red.logged.some(({ text }) => /1 run, 1 waiting step, 0 jobs ended, but the machine could not be asked to hold: guard away/.test(text)),
      'both to be said',
    )
    rig.services.refuse.clear()
  })
})
