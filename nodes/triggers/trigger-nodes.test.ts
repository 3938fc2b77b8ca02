/** The trigger nodes in a real Node-RED; the test plays the gateway. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkConfig } from '../index.ts'
import type { MachineState } from '../motion/machine.ts'
import { flowOf, MILL, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

const services = new RecordingServices()
const { triggers } = services
let red: TestNodeRed
const idle: MachineState = {
  machineId: 'mill-1',
  link: 'connected',
  controller: 'idle',
  isStanding: true,
  isPositionTrusted: true,
  machinePositionMm: [0, 0, 0],
  workPositionMm: [0, 0, 0],
  workOffsetMm: [0, 0, 0],
  feedMmPerMin: 0,
  spindleRpm: 3000,
  overridesPercent: { feed: 100, rapid: 100, spindle: 100 },
  pins: '',
  notices: [],
  at: '2026-03-01T08:00:00.000Z',
}
const tell = (more: Partial<MachineState>) => services.tellState({ ...idle, ...more })
const messagesOf = (id: string, output = 0) => red.sent.filter(({ from, output: at }) => from === id && at === output).map(({ message }) => message)

beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())
beforeEach(async () => {
  await red.deploy([])
  services.states.clear()
  triggers.begun.length = 0
  triggers.off.clear()
})

describe('cw-time-trigger', () => {
  const calendar = {
    id: 'cal',
    type: 'cw-calendar',
    zone: 'Europe/Berlin',
    shifts: [{ label: 'early', days: 'Mon-Fri', from: '06:00', to: '14:00' }],
    holidays: [],
    exceptions: [],
  }
  it('announces its schedule with the calendar it refers to, and sends a firing in its run', async () => {
    await red.deploy([
      ...flowOf([{ id: 't', type: 'cw-time-trigger', schedule: 'shift-start', offset: -15, calendar: 'cal', missed: 'once', late: 10, topic: 'warm-up' }]),
      calendar,
    ])
    expect(triggers.registered.get('t')?.face).toMatchObject({
      kind: 'time',
      missed: 'once',
      lateMs: 10_000,
      schedule: { zone: 'Europe/Berlin', calendar: { shifts: [{ name: 'early' }] }, when: { kind: 'calendar', moment: 'shift-start', offsetMin: -15 } },
    })
    await red.untilStatus('t', /^next /)
    await triggers.fire('t', { isLate: true })
    expect(await red.next('t')).toMatchObject({
      topic: 'warm-up',
      payload: '2026-11-23T06:00:00.000Z',
      trigger: { isLate: true, dueAt: '2026-11-23T06:00:00.000Z' },
      _run: 'run_fired',
    })
    triggers.switch('t', false)
    await red.untilStatus('t', 'switched off')
    triggers.switch('t', true)
    await red.untilStatus('t', /^next /)
    await red.deploy([])
    expect(triggers.registered.size).toBe(0)
  })
  it.each([
    [{ schedule: 'cron', pattern: '99 * * * *' }, /minute is "99"/],
    [{ schedule: 'shift-start' }, /Choose a calendar/],
    [{ schedule: 'once', at: 'tomorrow' }, /not a time/],
    [{ schedule: 'interval', every: 0.1, unit: 'seconds' }, /shortest interval/],
  ])('says what is wrong with %j', async (config, words) => {
    await red.deploy(flowOf([{ id: 't', type: 'cw-time-trigger', ...config }]))
    await red.untilStatus('t', words)
    expect(triggers.registered.size).toBe(0)
  })
})

describe('cw-manual-trigger', () => {
  it('announces what it asks for and sends what was entered', async () => {
    await red.deploy(
      flowOf([{ id: 'm', type: 'cw-manual-trigger', fields: [{ key: 'material', label: 'Material', kind: 'choice', choices: 'steel, brass,' }] }]),
    )
    expect(triggers.registered.get('m')?.face.fields).toEqual([
      { key: 'material', label: 'Material', kind: 'choice', isRequired: true, choices: ['steel', 'brass'] },
    ])
    await triggers.fire('m', { values: { material: 'brass' }, by: 'Ann' })
    expect(await red.next('m')).toMatchObject({ payload: { material: 'brass' }, values: { material: 'brass' }, trigger: { by: 'Ann' } })
    await red.untilStatus('m', 'fired by Ann')
  })
})

describe('cw-event-trigger', () => {
  const event = (more: object) => ({ id: 'e', type: 'cw-event-trigger', machine: 'machine1', ...more })
  it('starts when a machine enters a state, and not for the state it begins in or comes back with', async () => {
    await red.deploy(flowOf([MILL, event({ source: 'machine-state', states: ['alarm', 'hold'] })]))
    tell({ controller: 'alarm' })
    tell({ controller: 'idle' })
    tell({ controller: 'hold' })
    tell({ controller: 'hold', feedMmPerMin: 1 })
    tell({ link: 'lost', controller: 'hold' })
    tell({ controller: 'alarm' })
    await red.next('e')
    expect(messagesOf('e')).toMatchObject([{ payload: 'hold', machineId: 'mill-1', _run: 'run_itself_1' }])
    expect(triggers.begun).toMatchObject([{ nodeId: 'e', text: 'mill-1 is hold' }])
  })
  it('starts when a pin goes on, not more often than its cool-down, and never while it is switched off', async () => {
    await red.deploy(flowOf([MILL, event({ source: 'pin', pin: 'D', edge: 'on', coolDown: 3600 })]))
    triggers.off.add('e')
    for (const pins of ['', 'PD', '']) tell({ pins })
    expect(triggers.begun).toEqual([])
    triggers.off.clear()
    for (const pins of ['D', '', 'D']) tell({ pins })
    expect(triggers.begun).toHaveLength(1)
  })
  it('asks the gateway to watch for machine events, programs and connections, and passes on what it brings', async () => {
    await red.deploy(flowOf([MILL, event({ source: 'program-done', ends: ['completed', 'failed'], coolDown: 5 })]))
    expect(triggers.registered.get('e')?.face).toMatchObject({
      kind: 'event',
      on: { source: 'program-done', machineId: 'mill-1', ends: ['completed', 'failed'] },
      coolDownMs: 5000,
    })
    await triggers.fire('e', { values: { payload: { program: 'plate.nc', state: 'completed' }, text: 'plate.nc completed', topic: 'mill-1' } })
    expect(await red.next('e')).toMatchObject({ payload: { program: 'plate.nc' }, topic: 'mill-1', machineId: 'mill-1', _run: 'run_fired' })
    await red.untilStatus('e', 'plate.nc completed')
  })
  it('starts when another flow tells of it: with the message, in a run of its own', async () => {
    await red.deploy(
      flowOf([
        { id: 'emit', type: 'cw-emit', event: 'measured' },
        { id: 'e', type: 'cw-event-trigger', source: 'flow', event: 'measured' },
        { id: 'other', type: 'cw-event-trigger', source: 'flow', event: 'other' },
      ]),
    )
    red.give('emit', { payload: { bore: 42 }, _run: 'run-a' })
    expect(await red.next('e')).toMatchObject({ payload: { bore: 42 }, _run: 'run_itself_1' })
    expect(await red.next('emit')).toMatchObject({ payload: { bore: 42 }, _run: 'run-a' })
    expect(messagesOf('other')).toEqual([])
    await red.untilStatus('emit', '1 listened')
  })
})

describe('cw-condition-trigger', () => {
  const condition = (more: object) => ({ id: 'c', type: 'cw-condition-trigger', machine: 'machine1', outputs: 2, ...more })
  const slow = { what: 'spindle', operator: '<', to: '2900', hysteresis: 50 }

  it('comes true once, with hysteresis, tells when it is over, and of what it saw', async () => {
    await red.deploy(flowOf([MILL, condition({ conditions: [slow, { what: 'state', operator: '=', to: 'run' }] })]))
    tell({ controller: 'run' })
    await red.untilStatus('c', 'not true')
    for (const spindleRpm of [2890, 2920, 2880, 2940]) tell({ controller: 'run', spindleRpm })
    tell({ controller: 'run', spindleRpm: 2960 })
    expect(await red.next('c', 1)).toMatchObject({ trigger: { isTrue: false } })
    expect(messagesOf('c')).toHaveLength(1)
    expect(triggers.begun).toMatchObject([{ nodeId: 'c', text: expect.stringContaining('spindle is 2890') }])
  })
  it('waits for its dwell, and a shorter moment does not count', async () => {
    await red.deploy(flowOf([MILL, condition({ conditions: [slow], dwell: 0.15 })]))
    tell({})
    await red.untilStatus('c', 'not true')
    tell({ spindleRpm: 100 })
    await red.untilStatus('c', /^true, for less/)
    tell({ spindleRpm: 3000 })
    await red.untilStatus('c', 'not true')
    expect(triggers.begun).toEqual([])
    const since = performance.now()
    tell({ spindleRpm: 100 })
    await red.next('c')
    expect(performance.now() - since).toBeGreaterThanOrEqual(140)
  })
  it('looks at the last message and at an expression, on change only', async () => {
    await red.deploy(
      flowOf([
        condition({
          machine: '',
          conditions: [{ what: 'message', of: 'payload.temperature', operator: '>', to: '80' }],
          also: 'payload.isHot',
          alsoType: 'msg',
        }),
      ]),
    )
    red.give('c', { payload: { temperature: 70, isHot: true } })
    await red.untilStatus('c', 'not true')
    red.give('c', { payload: { temperature: 90, isHot: false } })
    red.give('c', { payload: { temperature: 91, isHot: true }, _run: 'run-a' })
    expect(await red.next('c')).toMatchObject({
      payload: { temperature: 91 },
      trigger: { isTrue: true, values: { 'message payload.temperature': 91 } },
      _run: 'run_itself_1',
    })
    expect(triggers.begun).toHaveLength(1)
  })
  it('does not come true again because of a deploy, or because the machine was away', async () => {
    const flow = (name: string) => flowOf([MILL, condition({ name, conditions: [slow] })])
    await red.deploy(flow('one'))
    tell({})
    await red.untilStatus('c', 'not true')
    tell({ spindleRpm: 100 })
    await red.next('c')
    await red.deploy(flow('two'), 'nodes')
    await red.untilStatus('c', 'true')
    tell({ link: 'lost' })
    await red.untilStatus('c', 'not known: spindle')
    tell({ spindleRpm: 100 })
    await red.untilStatus('c', 'true')
    expect(triggers.begun).toHaveLength(1)
  })
  describe('over tags of a connection', () => {
    const hot = { what: 'tag', tag: 'shop/oven', part: 'celsius', operator: '>', to: '80', hysteresis: 5 }
    const ofTag = (more: object = {}) => condition({ machine: '', connection: 'con_1', conditions: [hot], ...more })
    const now = (celsius: unknown, more: object = {}) =>
      services.tellTag('con_1', { tag: 'shop/oven', value: { celsius }, quality: 'good', at: Date.now(), ...more })
    it('comes true when the value does, and says so with it', async () => {
      await red.deploy(flowOf([ofTag()]))
      await red.untilStatus('c', 'not known: tag shop/oven celsius (nothing heard yet)')
      expect(services.watchedTags()).toEqual(['con_1 shop/oven'])
      expect(triggers.registered.get('c')?.face).toMatchObject({ watches: { connectionId: 'con_1', tags: ['shop/oven'] }, about: 'tag shop/oven celsius > 80' })
      now(70)
      await red.untilStatus('c', 'not true')
      now(90)
      expect(await red.next('c')).toMatchObject({ trigger: { isTrue: true, values: { 'tag shop/oven celsius': 90 } } })
      now(78)
      await red.untilStatus('c', 'true')
      now(74)
      await red.untilStatus('c', 'not true')
      expect(triggers.begun).toMatchObject([{ nodeId: 'c', text: 'tag shop/oven celsius is 90 (> 80)' }])
      await red.deploy([])
      expect(services.watchedTags()).toEqual([])
    })
    it('is not fulfilled while nobody can say how the value is, and does not come true again because of it', async () => {
      await red.deploy(flowOf([ofTag({ dwell: 0.2 })]))
      now(70)
      await red.untilStatus('c', 'not true')
      now(90)
      await red.untilStatus('c', /^true, for less/)
      // the dwell begins anew: nobody knows what was in between
      now(90, { quality: 'bad' })
      await red.untilStatus('c', 'not known: tag shop/oven celsius')
      expect(triggers.begun).toEqual([])
      now(90)
      await red.next('c')
      now(90, { quality: 'bad' })
      await red.untilStatus('c', 'not known: tag shop/oven celsius')
      now(91)
      await red.untilStatus('c', 'true')
      expect(triggers.begun).toHaveLength(1)
    })
    it('knows a value only for so long, and one that the broker had kept not at all, where its age counts', async () => {
      await red.deploy(flowOf([ofTag({ knownFor: 1 })]))
      now(90, { at: null })
      await red.untilStatus('c', 'not known: tag shop/oven celsius (of unknown age)')
      now(70)
      await red.untilStatus('c', 'not true')
      await red.untilStatus('c', /^not known: tag shop\/oven celsius \(\d+ s old\)$/)
      now(90)
      expect(await red.next('c')).toMatchObject({ trigger: { isTrue: true } })
    })
    it('gives its expression the tags that are known', async () => {
      await red.deploy(flowOf([ofTag({ conditions: [{ ...hot, operator: '!=', to: '0' }], also: 'tags.`shop/oven`.celsius > 80', alsoType: 'jsonata' })]))
      now(70)
      await red.untilStatus('c', 'not true')
      now(81)
      await red.next('c')
    })
    it('fired by hand sends how things are', async () => {
      await red.deploy(flowOf([ofTag()]))
      now(12)
      await red.untilStatus('c', 'not true')
      await triggers.fire('c')
      expect(await red.next('c')).toMatchObject({ trigger: { values: { 'tag shop/oven celsius': 12 } } })
    })
    it('says what is missing', async () => {
      await red.deploy(flowOf([ofTag({ connection: '' })]))
      await red.untilStatus('c', /Connection is missing/)
      await red.deploy(flowOf([ofTag({ conditions: [{ ...hot, tag: 'shop/#' }] })]))
      await red.untilStatus('c', /without \+ and #/)
    })
  })
  it('says what is missing', async () => {
    await red.deploy(flowOf([condition({ machine: '', conditions: [slow] })]))
    await red.untilStatus('c', /Machine is missing/)
    await red.deploy(flowOf([condition({ conditions: [] })]))
    await red.untilStatus('c', /condition is missing/)
  })
})

describe('a condition', () => {
  const wrong = (row: object) =>
    checkConfig('cw-condition-trigger', { machine: 'mill', conditions: [{ of: '', hysteresis: '', ...row }], together: 'all', also: '', alsoType: 'msg' })
  it('compares a word for being the same only, and a number with a number', () => {
    expect(wrong({ what: 'state', operator: '>', to: 'run' })).toMatchObject([{ path: '/conditions/0/operator', message: expect.stringContaining('= or !=') }])
    expect(wrong({ what: 'spindle', operator: '>', to: 'fast' })).toMatchObject([{ path: '/conditions/0/to', message: expect.stringContaining('"fast"') }])
    expect(wrong({ what: 'state', operator: '=', to: 'run' })).toEqual([])
    expect(wrong({ what: 'spindle', operator: '>', to: '8000.5' })).toEqual([])
  })
})

describe.each(['time-trigger', 'manual-trigger', 'event-trigger', 'condition-trigger', 'emit'])('the example of %s', (name) => {
  it('is configured, and runs', async () => {
    const flow = JSON.parse(readFileSync(join(import.meta.dirname, `${name}.example.json`), 'utf8')) as { id: string; type: string }[]
    for (const node of flow) expect({ [node.id]: checkConfig(node.type, node) }).toEqual({ [node.id]: [] })
    red.logged.length = 0
    await red.deploy(flow)
    expect(red.logged).toEqual([])
  })
})
