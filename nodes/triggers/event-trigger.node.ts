import { Type } from 'typebox'
import { Choice, Choices, ConfigNode, defineNode, Picked, Quantity, Text } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'
import type { MachineState } from '../motion/machine.ts'
import { triggerMessage } from './message.ts'
import type { EventSource } from './services.ts'

const SOURCES = {
  'machine-event': 'something happens at a machine',
  'machine-state': 'a machine enters a state',
  'program-done': 'a program has ended',
  pin: 'an input pin changes',
  flow: 'another flow tells of it (emit)',
  connection: 'a connection tells of it (file, MQTT, database)',
} as const
const KINDS = {
  alarm: 'alarm',
  'link-lost': 'link lost',
  'link-back': 'link back',
  'controller-restarted': 'controller restarted',
  'program-waits': 'a program waits for a person',
  'tool-change': 'a tool change is asked for',
  interlock: 'an interlock changed',
  'settings-drift': 'settings differ from the backup',
  message: 'message of the controller',
} as const
const STATES = { idle: 'idle', run: 'run', hold: 'hold', alarm: 'alarm', door: 'door open', jog: 'jog', home: 'homing', sleep: 'sleep' } as const
const ENDS = { completed: 'completed', failed: 'failed', stopped: 'stopped', interrupted: 'interrupted', cancelled: 'cancelled' } as const
type Source = keyof typeof SOURCES
const ofMachine: Source[] = ['machine-event', 'machine-state', 'program-done', 'pin']
const shownFor = (...is: Source[]) => ({ field: 'source', is })

export default defineNode({
  type: 'cw-event-trigger',
  family: 'triggers',
  label: 'event trigger',
  summary: 'Starts a flow at an event: of a machine, of another flow, a file that arrived, an MQTT message, a change in a database.',
  icon: 'event-trigger',
  inputs: 0,
  outputs: ['event'],
  config: Type.Object({
    source: Choice(Object.keys(SOURCES) as [Source, ...Source[]], { title: 'When', labels: SOURCES, default: 'machine-event' }),
    machine: Type.Optional(ConfigNode(machine, { title: 'Machine', when: shownFor(...ofMachine) })),
    kinds: Choices(Object.keys(KINDS) as [keyof typeof KINDS, ...(keyof typeof KINDS)[]], {
      title: 'Events',
      labels: KINDS,
      default: ['alarm'],
      when: shownFor('machine-event'),
    }),
    states: Choices(Object.keys(STATES) as [keyof typeof STATES, ...(keyof typeof STATES)[]], {
      title: 'States',
      labels: STATES,
      default: ['alarm'],
      when: shownFor('machine-state'),
    }),
    ends: Choices(Object.keys(ENDS) as [keyof typeof ENDS, ...(keyof typeof ENDS)[]], {
      title: 'Ended as',
      labels: ENDS,
      default: ['completed'],
      when: shownFor('program-done'),
    }),
    pin: Type.Optional(
      Text({
        title: 'Pin',
        help: 'Its letter, as the controller reports it: P probe, D door, H hold, S cycle start, X Y Z limits.',
        maxLength: 4,
        when: shownFor('pin'),
      }),
    ),
    edge: Choice(['on', 'off', 'both'], { title: 'Goes', labels: { on: 'on', off: 'off', both: 'on or off' }, default: 'on', when: shownFor('pin') }),
    event: Type.Optional(Text({ title: 'Name of the event', help: 'As in the emit node.', maxLength: 120, when: shownFor('flow') })),
    connection: Type.Optional(Picked('connection', { title: 'Connection', when: shownFor('connection') })),
    subject: Type.Optional(
      Text({
        title: 'Only',
        help: 'File name, MQTT topic or channel; * stands for anything. Empty: all of them.',
        placeholder: 'orders/*.csv',
        maxLength: 200,
        when: shownFor('connection'),
      }),
    ),
    coolDown: Quantity({ title: 'Not again within', unit: 's', help: 'Events that come sooner are left out.', minimum: 0, maximum: 86_400, default: 0 }),
    topic: Type.Optional(Text({ title: 'Topic' })),
  }),
  check: ({ source, machine: chosen, pin, event, connection }) => [
    ...(ofMachine.includes(source) && !chosen ? [{ path: '/machine', message: 'Machine is missing.' }] : []),
    ...(source === 'pin' && !pin ? [{ path: '/pin', message: 'Pin is missing.' }] : []),
    ...(source === 'flow' && !event ? [{ path: '/event', message: 'Name of the event is missing.' }] : []),
    ...(source === 'connection' && !connection ? [{ path: '/connection', message: 'Connection is missing.' }] : []),
  ],
  setup(context) {
    const { config, services } = context
    const { source, topic } = config
    const machineId = context.referenced('machine')?.machineId ?? ''
    const about = aboutOf(config as EventConfig, machineId)
    let sentAt = Number.NEGATIVE_INFINITY
    const show = (isOn: boolean) => context.status(isOn ? { waiting: `waits for ${about}` } : { off: 'switched off' })
    show(true)

    /** Events that this process sees itself; the others come as firings, which wait in the database while no flow runs. */
    const happened = (text: string, message: Record<string, unknown>) => {
      const now = performance.now()
      if (now - sentAt < config.coolDown * 1000) return
      const runId = services.triggers.begin(context.id, { text })
      if (runId === undefined) return
      sentAt = now
      context.status({ info: text })
      services.withRun(runId, () => context.send(0, { ...message, ...(topic ? { topic } : {}), trigger: { at: new Date().toISOString(), text }, _run: runId }))
    }
    const on = eventSourceOf(config as EventConfig, machineId)
    const removeTrigger = services.triggers.register({
      face: { nodeId: context.id, kind: 'event', name: context.name, about, ...(on ? { on, coolDownMs: config.coolDown * 1000 } : {}) },
      onFire(firing) {
        const { values, ...rest } = firing
        const message = triggerMessage({ ...rest, values: {} }, { topic: topic ?? (typeof values.topic === 'string' ? values.topic : undefined) })
        context.send(0, { ...message, ...(machineId ? { machineId } : {}), payload: values.payload ?? values })
        if (typeof values.text === 'string') context.status({ info: values.text })
      },
      onSwitch: show,
    })
    const remove = listen()
    return {
      close() {
        remove()
        removeTrigger()
      },
    }

    function listen(): () => void {
      switch (source) {
        case 'machine-event':
        case 'program-done':
        case 'connection':
          return () => {}
        case 'flow':
          return services.triggers.onEmit(config.event ?? '', (message) => happened(`event ${config.event}`, message))
        case 'machine-state':
          return onChange(
            (state) => state.controller,
            (now) => {
              if ((config.states as string[]).includes(now)) happened(`${machineId} is ${now}`, { machineId, payload: now })
            },
          )
        case 'pin':
          return onChange(
            (state) => state.pins.toUpperCase().includes((config.pin ?? '').toUpperCase()),
            (isPinOn) => {
              if (config.edge === 'both' || isPinOn === (config.edge === 'on'))
                happened(`pin ${config.pin} of ${machineId} went ${isPinOn ? 'on' : 'off'}`, { machineId, payload: isPinOn })
            },
          )
        default:
          return source satisfies never
      }
    }
    /** Tells of changes; the first state, and the first after the machine was away, is where it begins and no change. */
    function onChange<T>(read: (state: MachineState) => T, changed: (value: T) => void): () => void {
      let last: { value: T } | undefined
      return services.onMachineState(machineId, (state) => {
        if (state?.link !== 'connected') {
          last = undefined
          return
        }
        const value = read(state)
        const before = last
        last = { value }
        if (before && before.value !== value) changed(value)
      })
    }
  },
})

interface EventConfig {
  source: Source
  kinds: (keyof typeof KINDS)[]
  states: (keyof typeof STATES)[]
  ends: (keyof typeof ENDS)[]
  pin?: string
  edge: 'on' | 'off' | 'both'
  event?: string
  connection?: string
  subject?: string
}

/** What the gateway is to watch for; undefined for what this process sees itself. */
function eventSourceOf({ source, kinds, ends, connection, subject }: EventConfig, machineId: string): EventSource | undefined {
  switch (source) {
    case 'machine-event':
      return { source, machineId, kinds }
    case 'program-done':
      return { source, machineId, ends }
    case 'connection':
      return { source, connectionId: connection ?? '', ...(subject ? { subject } : {}) }
    default:
      return undefined
  }
}

function aboutOf({ source, kinds, states, ends, pin, edge, event, subject }: EventConfig, machineId: string): string {
  switch (source) {
    case 'machine-event':
      return `${machineId}: ${kinds.map((kind) => KINDS[kind]).join(', ')}`
    case 'machine-state':
      return `${machineId}: ${states.map((state) => STATES[state]).join(', ')}`
    case 'program-done':
      return `${machineId}: program ${ends.map((end) => ENDS[end]).join(', ')}`
    case 'pin':
      return `${machineId}: pin ${pin} ${edge === 'both' ? 'on or off' : edge}`
    case 'flow':
      return `event ${event}`
    case 'connection':
      return subject ? `connection: ${subject}` : 'connection'
    default:
      return source satisfies never
  }
}
