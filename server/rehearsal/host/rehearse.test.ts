/** Rehearsals with a real shadow runtime, real guards and virtual controllers. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../../base/log.ts'
import { ownTime } from '../../../base/own-time.ts'
import { type FlowNode, OUTSIDE_CALLS, OUTSIDE_SOURCES, type RehearsalReport } from '../../api/index.ts'
import { LISTED_TYPES } from '../../flows/fence-table.ts'
import type { PlannedAnswer, RehearsalPlan } from '../plan.ts'
import { MACHINE_RATE } from './machines.ts'
import { prepare } from './prepare.ts'
import { rehearse } from './rehearse.ts'

const TAB: FlowNode = { id: 'tab', type: 'tab', label: 'Cell' }
const MACHINE: FlowNode = { id: 'm', type: 'cw-machine', name: '', machineId: 'mill-1' }
const node = (id: string, type: string, wires: string[][], more: object = {}): FlowNode => ({ id, type, z: 'tab', name: id, x: 100, y: 100, wires, ...more })
const inject = (wires: string[]) =>
  node('start', 'inject', [wires], { props: [{ p: 'payload' }], payload: '1', payloadType: 'num', once: true, onceDelay: 0.1, repeat: '' })

const given = (message: Record<string, unknown>): PlannedAnswer => ({ from: 'given', message, output: 0 })

async function run(
  { answers = {}, ...request }: RehearsalPlan['request'] & { answers?: RehearsalPlan['answers'] },
  more: { program?: string; network?: 'modules'; plan?: Partial<RehearsalPlan> } = {},
): Promise<RehearsalReport & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-rehearsal-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 }))
  const text = more.program ?? 'G21 G90\nG0 X10 Y10\nG1 X60 F600\nG1 Y40\nM2\n'
  const path = join(dir, 'part.nc')
  await writeFile(path, text)
  const report = await rehearse({
    plan: {
      request,
      answers,
      machines: [
        {
          id: 'mill-1',
          settings: {
            name: 'Mill 1',
            link: { kind: 'tcp', host: '192.0.2.1', port: 23 },
            envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
            whenRequesterGone: 'finish',
          },
        },
      ],
      programs: [{ id: 'prg_1', name: 'part.nc', sha256: createHash('sha256').update(text).digest('hex'), path }],
      connections: [{ id: 'erp', name: 'ERP', connector: 'folder' }],
      allowedModules: [],
      dir,
      ...more.plan,
    },
    signal: new AbortController().signal,
    log: createLog('test', process.env.CW_TEST_LOG ?? 'silent'),
    onDoing: () => {},
    ...(more.network ? { network: more.network } : {}),
  })
  return { ...report, dir }
}

test('a program is run on a virtual machine: what would have moved, how long, and which branch was never taken', async () => {
  const beganAt = performance.now()
  const worked = ownTime()
  const report = await run({
    flows: [
      TAB,
      MACHINE,
      inject(['go']),
      node('go', 'cw-run-program', [['good'], ['bad']], { machine: 'm', program: 'part.nc', programType: 'str', onceFor: '', onceForType: 'msg' }),
      node('good', 'debug', []),
      node('bad', 'debug', []),
    ],
    steps: [{ do: 'give', nodeId: 'start' }],
  })
  const stoodStillMs = performance.now() - beganAt - worked()
  expect(report).toMatchObject({ state: 'completed', steps: [{ state: 'done' }], errors: [] })
  const [machine] = report.machines
  expect(machine).toMatchObject({
    id: 'mill-1',
    isInsideEnvelope: true,
    reachedMm: { min: [0, 0, 0], max: [60, 40, 0] },
    motions: [{ nodeId: 'go', what: 'part.nc', state: 'completed', lines: 5 }],
  })
  // 50 mm and 30 mm at 600 mm/min take 8 s, and were not waited for; a moment in which this process stood still is many of the machine's
  expect(machine?.motions[0]?.durationMs).toBeGreaterThan(7500)
  expect(machine?.motions[0]?.durationMs).toBeLessThan(20_000 + stoodStillMs * MACHINE_RATE)
  expect(report.coverage).toMatchObject({ nodes: ['start', 'go', 'good'], nodesMissed: ['bad'], wiresMissed: [{ from: 'go', port: 1, to: 'bad' }] })
})

const PRESS = {
  name: 'Enter the bore',
  label: 'Enter the bore',
  says: 'Compares it',
  color: 'blue',
  whenEmpty: 'Nothing waits',
  asks: [{ key: 'boreMm', label: 'Bore', kind: 'number', unit: 'mm' }],
}

test('hours of waiting take no time, dates are those of the rehearsal, and a button is pressed when something waits at it', async () => {
  const report = await run({
    flows: [
      TAB,
      inject(['shift']),
      node('shift', 'delay', [['stamp']], {
        pauseType: 'delay',
        timeout: '8',
        timeoutUnits: 'hours',
        rate: '1',
        nbRateUnits: '1',
        rateUnits: 'second',
        randomFirst: '1',
        randomLast: '5',
        randomUnits: 'seconds',
        drop: false,
        allowrate: false,
        outputs: 1,
      }),
      node('stamp', 'function', [['measure']], {
        func: 'msg.now = Date.now(); msg.hour = new Date().toISOString(); await new Promise((done) => setTimeout(done, 60000)); msg.later = Date.now() - msg.now; return msg;',
        outputs: 1,
        libs: [],
        timeout: 0,
        noerr: 0,
        initialize: '',
        finalize: '',
      }),
      node('measure', 'cw-button', [['end']], PRESS),
      node('end', 'debug', []),
    ],
    steps: [
      { do: 'give', nodeId: 'start' },
      { do: 'press', nodeId: 'measure', values: { boreMm: 22.003 } },
    ],
  })
  expect(report).toMatchObject({ state: 'completed', steps: [{ state: 'done' }, { state: 'done', text: expect.stringContaining('pressed "Enter the bore"') }] })
  expect(report.durationMs).toBeGreaterThan(8 * 3_600_000 + 59_000)
  expect(report.durationMs).toBeLessThan(8 * 3_600_000 + 120_000)
  expect(report.tookMs).toBeLessThan(100_000)
  const last = report.sent.find(({ to }) => to === 'end')?.message as { now: number; hour: string; later: number; values: object }
  expect(last.values).toEqual({ boreMm: 22.003 })
  expect(Math.abs(last.now - Date.now() - 8 * 3_600_000)).toBeLessThan(60_000)
  expect(Math.abs(new Date(last.hour).getTime() - last.now)).toBeLessThan(60_000)
  expect(last.later).toBeGreaterThanOrEqual(59_990)
})

const OUTSIDE = [
  TAB,
  inject(['ask', 'save', 'run', 'sneak']),
  node('ask', 'http request', [['answer']], { method: 'GET', ret: 'obj', url: 'http://erp.example/orders', tls: '', proxy: '', authType: '' }),
  node('answer', 'debug', []),
  node('save', 'file', [[]], {
    filename: '/tmp/cw-rehearsal-must-not-exist',
    filenameType: 'str',
    appendNewline: true,
    createDir: false,
    overwriteFile: 'true',
    encoding: 'none',
  }),
  node('run', 'exec', [[], [], []], {
    command: 'touch /tmp/cw-rehearsal-must-not-exist',
    addpay: '',
    append: '',
    useSpawn: 'false',
    timer: '',
    winHide: false,
    oldrc: false,
  }),
  // what no stand-in replaces meets the fences
  node('sneak', 'function', [['sneaked']], {
    func: `const tried = {}
const net = process.getBuiltinModule('node:net'), fs = process.getBuiltinModule('node:fs'), child = process.getBuiltinModule('node:child_process'), dns = process.getBuiltinModule('node:dns'), dgram = process.getBuiltinModule('node:dgram')
const attempt = async (name, act) => { try { await act(); tried[name] = 'worked' } catch (error) { tried[name] = error.code } }
await attempt('tcp', () => new Promise((done, fail) => net.connect(TARGET_PORT, '127.0.0.1').once('connect', done).once('error', fail)))
await attempt('listen', () => new Promise((done, fail) => net.createServer().once('error', fail).listen(0, done)))
await attempt('dns', () => dns.promises.lookup('erp.example'))
await attempt('udp', () => new Promise((done, fail) => dgram.createSocket('udp4').once('error', fail).send('x', 9, '127.0.0.1', (error) => (error ? fail(error) : done()))))
await attempt('read', () => fs.readFileSync('/etc/hostname'))
await attempt('write', () => fs.writeFileSync('/tmp/cw-rehearsal-must-not-exist', 'x'))
await attempt('program', () => child.execSync('true'))
return { payload: tried }`,
    outputs: 1,
    libs: [],
    timeout: 0,
    noerr: 0,
    initialize: '',
    finalize: '',
  }),
  node('sneaked', 'debug', []),
]

test.each(['modules', undefined] as const)(
  'nothing goes out: calls are caught with what was given for them, and what tries otherwise is refused (network: %s)',
  async (network) => {
    const target = createServer()
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void target.close())
    let visits = 0
    target.on('connection', () => (visits += 1))
    const { port } = target.address() as AddressInfo
    const flows = OUTSIDE.map((each) =>
      each.id === 'sneak'
        ? {
            ...each,
            func: `// a function of Node-RED's own realm leads out of the node's context\nconst process = setTimeout.constructor('return process')();\n${String(each.func).replace('TARGET_PORT', String(port))}`,
          }
        : each,
    )
    const report = await run(
      { flows, steps: [{ do: 'give', nodeId: 'start' }], answers: { ask: [given({ payload: { orders: 3 }, statusCode: 200 })] } },
      network ? { network } : {},
    )
    expect(report.steps).toMatchObject([{ state: 'done' }])
    expect(report.calls).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ nodeId: 'ask', nodeType: 'http request', system: 'http://erp.example/orders', answeredFrom: 'given' }),
        expect.objectContaining({ nodeId: 'save', nodeType: 'file', system: '/tmp/cw-rehearsal-must-not-exist', answeredFrom: 'accepted' }),
        expect.objectContaining({ nodeId: 'run', nodeType: 'exec' }),
      ]),
    )
    expect(report.sent.find(({ to }) => to === 'answer')?.message).toMatchObject({ payload: { orders: 3 }, statusCode: 200 })
    const tried = (report.sent.find(({ to }) => to === 'sneaked')?.message as { payload?: Record<string, string> } | undefined)?.payload
    expect({ tried, errors: report.errors }).toMatchObject({
      tried: {
        tcp: expect.not.stringContaining('worked'),
        listen: expect.any(String),
        dns: expect.any(String),
        udp: expect.any(String),
        read: 'ERR_ACCESS_DENIED',
        write: 'ERR_ACCESS_DENIED',
        program: 'ERR_ACCESS_DENIED',
      },
    })
    expect(Object.values(tried ?? {})).not.toContain('worked')
    expect(visits).toBe(0)
    expect(existsSync('/tmp/cw-rehearsal-must-not-exist')).toBe(false)
  },
)

test('a program that would leave the envelope is refused as the real guard refuses it', async () => {
  const report = await run(
    {
      flows: [
        TAB,
        MACHINE,
        inject(['go']),
        node('go', 'cw-run-program', [[], []], { machine: 'm', program: 'part.nc', programType: 'str', onceFor: '', onceForType: 'msg' }),
      ],
      steps: [{ do: 'give', nodeId: 'start' }],
    },
    { program: 'G21 G90\nG0 X900\nM2\n' },
  )
  expect(report).toMatchObject({ state: 'failed', machines: [{ motions: [{ state: 'refused', text: expect.stringMatching(/X/) }] }] })
  expect(report.machines[0]?.reachedMm).toBeUndefined()
})

test('leaves nothing behind but its own directory', async () => {
  const before = process.listenerCount('exit')
  const { dir, state } = await run({ flows: [TAB, inject(['end']), node('end', 'debug', [])], steps: [{ do: 'give', nodeId: 'start' }] })
  expect(state).toBe('completed')
  expect((await readdir(dir)).sort()).toEqual(expect.arrayContaining(['part.nc', 'shadow.log', 'user']))
  expect(process.listenerCount('exit')).toBe(before)
})

test('a step at a node that is gone is told before anything starts', async () => {
  await expect(run({ flows: [TAB], steps: [{ do: 'give', nodeId: 'nowhere' }] })).rejects.toMatchObject({ code: 'rehearsal-invalid' })
})

const PERSON = { questionType: 'str', details: '', detailsType: 'str', refuse: '', who: 'panel.press', escalateAfter: 0, deadline: 0 }

test('steps that last for hours are gone through: a trigger fires, branches wait for people and for a time, and join', async () => {
  const report = await run({
    flows: [
      TAB,
      node('begin', 'cw-manual-trigger', [['both']], {
        name: 'New batch',
        says: 'Starts a batch',
        fields: [{ key: 'quantity', label: 'Quantity', kind: 'number', unit: 'pcs' }],
        topic: '',
        payload: 'values',
        payloadType: 'msg',
      }),
      node('both', 'cw-parallel', [['tools'], ['later'], [], [], ['joined'], ['late']], {
        name: '',
        join: 'all',
        count: 2,
        timeout: 36_000,
        afterRestart: 'fail',
      }),
      node('tools', 'cw-wait-person', [['back'], [], [], []], {
        ...PERSON,
        name: '',
        question: 'Are the tools set up?',
        asks: [{ key: 'number', label: 'Magazine', kind: 'number' }],
        approve: 'Ready',
      }),
      node('later', 'cw-wait-until', [['back']], {
        name: '',
        mode: 'for',
        duration: '7200',
        durationType: 'num',
        until: 'due',
        untilType: 'msg',
        clock: '06:00',
      }),
      node('back', 'cw-return', [], { name: '', as: 'done', reason: 'error.message', reasonType: 'msg' }),
      node('joined', 'debug', []),
      node('late', 'debug', []),
    ],
    steps: [
      { do: 'give', nodeId: 'begin', message: { payload: { quantity: 5 } } },
      { do: 'answer', nodeId: 'tools', values: { number: 3 } },
    ],
    expect: [
      { kind: 'message', from: 'both', port: 4 },
      { kind: 'unreached', nodeId: 'late' },
    ],
  })
  expect(report).toMatchObject({
    state: 'completed',
    waiting: [],
    errors: [],
    steps: [{ text: 'fired' }, { state: 'done', text: expect.stringContaining('answered "Ready"') }],
  })
  expect(report.expectations).toEqual([{ isMet: true }, { isMet: true }])
  expect(report.durationMs).toBeGreaterThan(7_199_000)
  expect(report.durationMs).toBeLessThan(7_300_000)
})

test('a tag is what a step says it is: conditions over it follow, after their time', async () => {
  const hot = { what: 'tag', tag: 'shop/oven', part: 'celsius', operator: '>', to: '80' }
  const flows = [
    TAB,
    node('hot', 'cw-condition-trigger', [['told'], ['over']], {
      ...{ conditions: [hot], together: 'all', also: '', alsoType: 'msg', dwell: 600, coolDown: 0, knownFor: 0, countsAtStart: false, connection: 'erp' },
    }),
    node('told', 'change', [['end']], { rules: [{ t: 'set', p: 'seen', pt: 'msg', to: 'trigger.values', tot: 'msg' }] }),
    node('over', 'change', [['end']], { rules: [{ t: 'set', p: 'isOver', pt: 'msg', to: 'true', tot: 'bool' }] }),
    node('end', 'debug', [], { active: true, tosidebar: true, complete: 'true', targetType: 'full' }),
  ]
  const says = (celsius: number) => ({ do: 'tag' as const, connectionId: 'erp', tag: 'shop/oven', value: { celsius } })
  const report = await run({
    flows,
    steps: [says(90), { do: 'wait', s: 300 }, says(70), says(95), { do: 'wait', s: 700 }, { do: 'tag', connectionId: 'erp', tag: 'shop/oven', quality: 'bad' }],
  })
  expect(report.errors).toEqual([])
  expect(report.steps.map(({ state, text }) => `${state}: ${text}`)).toEqual([
    'done: shop/oven is {"celsius":90}',
    'done: waited 300 s',
    'done: shop/oven is {"celsius":70}',
    'done: shop/oven is {"celsius":95}',
    'done: waited 700 s',
    'done: shop/oven is not known any more',
  ])
  const sentBy = (nodeId: string) =>
    report.sent.filter(({ from }) => from === nodeId).map(({ atMs, message }) => ({ minute: Math.round(atMs / 60_000), message }))
  expect(sentBy('told')).toMatchObject([{ minute: 15, message: { seen: { 'tag shop/oven celsius': 95 } } }])
  // not known is neither true nor over
  expect(sentBy('over')).toMatchObject([{ minute: 5 }])
  const deaf = await run({
    flows,
    steps: [
      { ...says(90), tag: 'shop/door' },
      { do: 'give', nodeId: 'told', message: {} },
    ],
  })
  expect(deaf.steps).toMatchObject([{ state: 'failed', text: expect.stringContaining('shop/door') }, { state: 'left-out' }])
})

test('a form is entered and an approval is given, by whom the test says: who did the work may not approve it', async () => {
  const flows = [
    TAB,
    node('scrap', 'cw-form', [['release']], {
      label: 'Scrap',
      says: 'Books scrap.',
      color: 'normal',
      fields: [
        { key: 'count', label: 'Parts', kind: 'number', min: 1 },
        { key: 'why', label: 'Why', kind: 'choice', choices: 'tool, material' },
        { key: 'isLast', label: 'Last one', kind: 'yes-no' },
      ],
      who: 'panel.press',
      needs: 'any',
    }),
    node('release', 'cw-approval', [['good'], ['bad'], []], {
      question: 'Book it?',
      questionType: 'str',
      details: '',
      detailsType: 'str',
      people: '2',
      notBy: 'enteredBy',
      notByType: 'msg',
      who: 'panel.press',
      reason: 'needed',
      approve: 'Approve',
      refuse: 'Refuse',
      deadline: 0,
    }),
    node('good', 'debug', []),
    node('bad', 'debug', []),
  ]
  const entered = { do: 'press' as const, nodeId: 'scrap', values: { count: '3', why: 'tool', isLast: true }, by: 'Otto' }
  const answer = (choice: string, by: string, more = {}) => ({ do: 'answer' as const, nodeId: 'release', choice, values: {}, by, ...more })
  // as on a panel: not by who did the work
  const steps = [
    ...[entered, answer('yes', 'Paula'), answer('Approve', 'Cem')],
    ...[entered, answer('no', 'Paula', { comment: 'count again' })],
    ...[entered, answer('yes', 'Otto')],
  ]
  const report = await run({ flows, steps })
  expect(report.steps.map(({ state, text }) => [state, text])).toEqual([
    ['done', 'entered "Scrap"'],
    ['done', 'answered "Approve" to "Book it?" as Paula'],
    ['done', 'answered "Approve" to "Book it? (2 of 2)" as Cem'],
    ['done', 'entered "Scrap"'],
    ['done', 'answered "Refuse" to "Book it?" as Paula'],
    ['done', 'entered "Scrap"'],
    ['failed', expect.stringContaining('Somebody else has to answer this')],
  ])
  const got = (id: string) => report.sent.find(({ to }) => to === id)?.message
  expect(got('good')).toMatchObject({
    payload: { count: 3, why: 'tool', isLast: true },
    enteredBy: 'Otto',
    approval: { isApproved: true, approvedBy: [{ by: 'Paula' }, { by: 'Cem' }] },
  })
  expect(got('bad')).toMatchObject({ approval: { isApproved: false, refusedBy: { by: 'Paula', comment: 'count again' } } })
})

test('stand-ins answer from where they were told to: recorded, failing, in the place of a node; a source sends what it is given', async () => {
  const report = await run(
    {
      flows: [
        TAB,
        node('broker', 'mqtt in', [['ask']], { topic: 'shop/orders', qos: '1', broker: 'none' }),
        node('ask', 'http request', [['slow']], { method: 'GET', ret: 'obj', url: 'http://erp.example/orders' }),
        node('slow', 'function', [[], ['end']], {
          func: 'throw new Error("it must not run")',
          outputs: 2,
          libs: [],
          timeout: 0,
          noerr: 0,
          initialize: '',
          finalize: '',
        }),
        node('end', 'debug', []),
        node('wrong', 'catch', [['told']], { scope: ['ask'], uncaught: false }),
        node('told', 'debug', []),
        node('confirm', 'cw-confirm', [['done']], {
          connectionId: 'erp',
          workOrder: 'payload',
          workOrderType: 'msg',
          operation: '',
          operationType: 'str',
          result: 'completed',
          resultType: 'str',
        }),
        node('done', 'debug', []),
      ],
      steps: [
        { do: 'give', nodeId: 'broker', message: { topic: 'shop/orders', payload: 'first' } },
        { do: 'send', nodeId: 'broker', output: 0, message: { payload: 'second' }, origin: { from: 'recorded', runId: 'run_1', seq: 0 } },
        { do: 'give', nodeId: 'confirm', message: { payload: 'WO-1' } },
      ],
      answers: {
        ask: [
          { from: 'recorded', message: { payload: { stock: 7 }, statusCode: 200 }, output: 0, runId: 'run_7', at: '2026-01-05T10:00:00.000Z' },
          { from: 'failure', message: {}, output: 0, text: 'the ERP is down' },
        ],
        slow: [{ from: 'recorded', message: { payload: 'pinned' }, output: 1, runId: 'run_8' }],
      },
    },
    { plan: { connections: [{ id: 'erp', name: 'ERP', connector: 'folder', confirmation: { reference: '/out/WO-1.json' } }] } },
  )
  expect(report.steps).toMatchObject([
    { state: 'done', from: 'given' },
    { state: 'done', from: 'recorded' },
    { state: 'done', from: 'given' },
  ])
  expect(report.calls).toMatchObject([
    {
      nodeId: 'ask',
      body: { payload: 'first' },
      answeredFrom: 'recorded',
      recorded: { runId: 'run_7', at: '2026-01-05T10:00:00.000Z' },
      answer: { payload: { stock: 7 } },
    },
    { nodeId: 'slow', nodeType: 'function', isReplaced: true, answeredFrom: 'recorded', body: { payload: { stock: 7 }, topic: 'shop/orders' } },
    { nodeId: 'ask', body: { payload: 'second' }, answeredFrom: 'failure', answer: 'the ERP is down' },
    { nodeId: 'confirm', system: 'ERP', answeredFrom: 'sample', answer: { reference: '/out/WO-1.json' } },
  ])
  expect(report.sent.find(({ to }) => to === 'end')).toMatchObject({ from: 'slow', port: 1, message: { payload: 'pinned', topic: 'shop/orders' } })
  expect(report.sent.find(({ to }) => to === 'told')).toMatchObject({
    message: { payload: 'second', error: { message: expect.stringContaining('the ERP is down') } },
  })
  expect(report.coverage.nodes).toEqual(expect.arrayContaining(['broker', 'ask', 'slow', 'end', 'confirm', 'done']))
})

test('every type of Node-RED that reaches outside is known as a source or as a call', () => {
  const reaches = [...LISTED_TYPES].filter((type) =>
    prepare({ request: { flows: [TAB, node('x', type, [[]])], steps: [{ do: 'wait', s: 0 }], tabs: ['tab'] }, answers: {} }).outside.has('x'),
  )
  const configs = ['http proxy', 'websocket-listener', 'websocket-client', 'mqtt-broker']
  expect(reaches.filter((type) => !configs.includes(type)).sort()).toEqual([...OUTSIDE_SOURCES, ...OUTSIDE_CALLS].sort())
})
