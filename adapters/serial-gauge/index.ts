/** Readings of a gauge on a serial port or a serial device server: each is an event, the newest is a live value. */
import { Type } from 'typebox'
import { toErrorMessage } from '../../base/errors.ts'
import { type ConnectorContext, defineConnector, type RunningConnector, type TagValue, type Told, takesNoConfirmations } from '../contract.ts'
import { createHealth } from '../health.ts'
import { adapterName, serialPorts } from '../ports/list.ts'
import { adapterOf } from '../ports/machines.ts'
import { createTeller } from '../teller.ts'
import { parserOf } from './formats.ts'
import { createRefusals } from './refusals.ts'
import { type Reading, requestOf, startSession } from './session.ts'
import { Settings } from './settings.ts'
import { openWire, placeIsOpen } from './wire.ts'

/** Refused readings are told to flows at most so often: a wrong baud rate makes thousands. */
const REFUSED_EVERY_MS = 1_000
const PORTS_SAID = 8

export const serialGauge = defineConnector({
  id: 'serial-gauge',
  label: 'Gauge',
  summary: 'Takes readings of a gauge: Mitutoyo, Mark-10, or another by a pattern; on a serial port, USB or a serial device server.',
  use: 'For calipers, micrometers, indicators, height and force gauges with a data output: each reading starts a flow. Use the node “gauge”, or an “event trigger” set to this connection.',
  promises: [
    'A line that is broken, garbled, too long, in another unit or of another form is refused and counted, with the reason: half a line never becomes a value.',
    'Readings that a gauge sends while it is unplugged, or while this server is away, are lost: a gauge keeps none. Its display shows them; measure again.',
    'Readings that no flow waits for are not kept: none of them starts a flow later.',
    'A serial port belongs to this connection alone while it runs: another program that asks for it alone, too, is refused.',
    'The port of a machine is never opened, by whichever name: that could reset its controller.',
  ],
  shapes: {
    event: Type.Object({
      subject: Type.String({ examples: ['reading'] }),
      text: Type.String({ examples: ['12.345 mm'] }),
      payload: Type.Object({
        value: Type.Number({ examples: [12.345] }),
        decimals: Type.Integer({ examples: [3] }),
        unit: Type.String({ examples: ['mm'] }),
        channel: Type.Optional(Type.String({ examples: ['1'] })),
        raw: Type.String({ examples: ['01A+0012.345'] }),
        at: Type.String({ examples: ['2026-01-15T08:00:00.000Z'] }),
      }),
    }),
  },
  tags: { label: 'Value of the gauge' },
  settings: Settings,
  secrets: [],
  secretsAreFor: [],
  distinctBy: ['line', 'path', 'adapter', 'host', 'port'],
  port: ({ line, path, adapter }) => {
    if (line !== 'serial') return undefined
    const named = adapter ? adapterOf(adapter) : undefined
    return named ? { adapter: named } : path ? { path } : undefined
  },
  check: lookAt,
  start: ({ settings, context }) => start(settings, context),
})

async function lookAt(settings: Settings): Promise<Told[]> {
  parserOf(settings)
  const { where, isOpen } = await placeIsOpen(settings)
  if (!isOpen) await (await openWire(settings, { onData() {}, onLost() {} })).close()
  const ports = settings.line === 'serial' ? (await serialPorts()).flatMap((port) => adapterName(port) ?? []) : []
  const some = ports.slice(0, PORTS_SAID).join(', ')
  return [
    isOpen
      ? { code: 'gauge-running', text: `${where} is open: a connection of this server listens to it now.`, blanks: { where } }
      : { code: 'gauge-open', text: `${where} can be opened. Whether a gauge is behind it is known when it sends its first reading.`, blanks: { where } },
    requestOf(settings) === undefined
      ? { code: 'gauge-sends', text: 'This gauge is not asked: it sends by its data key, a pedal or by itself.' }
      : { code: 'gauge-asked', text: 'This gauge can be asked for a reading.' },
    ...(some ? [{ code: 'adapters-seen', text: `USB adapters of this server: ${some}.`, blanks: { some } }] : []),
  ]
}

async function start(settings: Settings, context: ConnectorContext): Promise<RunningConnector> {
  const health = createHealth(context, ['gauge', 'gateway'])
  // a reading that no flow waits for is nothing to keep: it would start a flow hours later
  const events: ConnectorContext['events'] = (batch, mark) =>
    context.events(batch, mark).catch((error: unknown) => {
      if (toErrorMessage(error).code !== 'nobody-listens') throw error
    })
  const teller = createTeller({ ...context, events }, (trouble) => health.set('gateway', trouble))
  const source = settings.line === 'tcp' ? `${settings.host}:${settings.port}` : settings.adapter || settings.path || '?'
  const refusals = createRefusals(source, (problem) => context.problem(problem))
  const tags = liveTags()
  let refusedAt = Number.NEGATIVE_INFINITY
  let tellings = 0
  const session = await startSession(
    settings,
    {
      onReading(reading, isAnswer) {
        tags.heard(reading)
        // who asked has it already
        if (isAnswer) return
        const { id, value: _value, ...rest } = reading
        void teller.tell({
          key: id,
          subject: reading.channel ? `reading/${reading.channel}` : 'reading',
          text: `${reading.value.toFixed(reading.decimals)} ${reading.unit}`,
          payload: { value: reading.value, ...rest },
        })
      },
      onRefused(why, isAnswer) {
        refusals.add(why)
        tags.refused(refusals.count)
        const now = performance.now()
        if (isAnswer || now - refusedAt < REFUSED_EVERY_MS) return
        refusedAt = now
        tellings += 1
        const at = new Date().toISOString()
        void teller.tell({
          key: `refused ${at} ${tellings}`,
          subject: 'refused',
          text: why.text.slice(0, 1000),
          payload: { refused: why, count: refusals.count, at },
        })
      },
      onWire(trouble) {
        health.set('gauge', trouble)
        tags.wire(trouble === undefined)
      },
    },
    context.signal,
  )
  return {
    confirm: takesNoConfirmations,
    tags: tags.live,
    ask: (signal) => session.ask(signal),
    async close() {
      await session.close()
      refusals.close()
      await teller.close()
    },
  }
}

/** `value`, `reading` (with unit, raw line and time), the same by channel, and how many were `refused`. */
function liveTags() {
  const known = new Map<string, TagValue>([['refused', { tag: 'refused', value: 0, quality: 'good', at: null }]])
  let wanted: ReadonlySet<string> = new Set()
  let tell: (value: TagValue) => void = () => {}
  let isThere = true
  const never = (tag: string): TagValue => ({ tag, value: null, quality: 'bad', at: null })
  const now = (tag: string): TagValue => {
    const one = known.get(tag) ?? never(tag)
    return isThere ? one : { ...one, quality: 'bad' }
  }
  const say = (tag: string) => {
    if (wanted.has(tag)) tell(now(tag))
  }
  const set = (tag: string, value: unknown, at: number) => {
    known.set(tag, { tag, value, quality: 'good', at })
    say(tag)
  }
  return {
    heard(reading: Reading) {
      const { id: _id, ...rest } = reading
      const at = Date.parse(reading.at)
      for (const [tag, value] of [
        ['value', reading.value],
        ['reading', rest],
      ] as const) {
        set(tag, value, at)
        if (reading.channel) set(`${tag}/${reading.channel}`, value, at)
      }
    },
    refused: (count: number) => set('refused', count, Date.now()),
    wire(isUp: boolean) {
      if (isThere === isUp) return
      isThere = isUp
      for (const tag of wanted) say(tag)
    },
    live: {
      async watch(tags: readonly string[], onValue: (value: TagValue) => void) {
        wanted = new Set(tags)
        tell = onValue
        for (const tag of wanted) say(tag)
      },
      async browse() {
        return [...new Set(['value', 'reading', 'refused', ...known.keys()])].map(now)
      },
    },
  }
}
