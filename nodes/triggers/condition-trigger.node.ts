import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, type Message, MessageValue, Picked, Quantity, Rows } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'
import type { MachineState } from '../motion/machine.ts'
import type { TagNow } from '../services.ts'
import { atFirst, type ConditionState, compare, OPERATORS, step } from './condition/engine.ts'
import { joined, MESSAGE, nameOf, type Row, rowValue, type Seen as SeenValues, staleAt, TAG } from './condition/rows.ts'
import { FACTS, type Fact } from './machine-facts.ts'
import { triggerMessage } from './message.ts'

/** What was there when something changed. */
type Seen = SeenValues & { message: Message }

/** A timer of Node.js takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What the node knows across its restarts within one process: a deploy must not make a condition come true again. */
interface Kept {
  state: ConditionState
  rows: boolean[]
  message: Message
}

export default defineNode({
  type: 'cw-condition-trigger',
  family: 'triggers',
  label: 'condition trigger',
  summary: 'Starts a flow when a condition comes true: machine values, tags of connections, the last message, context; with hysteresis, dwell and cool-down.',
  icon: 'condition-trigger',
  inputs: 1,
  outputs: ['came true', 'no longer true'],
  config: Type.Object({
    machine: Type.Optional(ConfigNode(machine, { title: 'Machine', help: 'For conditions on machine values.' })),
    connection: Type.Optional(Picked('connection', { title: 'Connection', help: 'For conditions on tags: topics of an MQTT broker and the like.' })),
    conditions: Rows(
      {
        what: Type.Enum([...(Object.keys(FACTS) as Fact[]), TAG, MESSAGE], {
          title: 'Value',
          default: 'state',
          labels: { ...FACTS, tag: 'tag of the connection', message: 'last message: property' },
        } as never),
        of: Type.Optional(Type.String({ title: 'Property, pin or interlock', maxLength: 120, when: { field: 'what', is: [MESSAGE, 'pin', 'interlock'] } })),
        tag: Type.Optional(Type.String({ title: 'Tag', maxLength: 500, widget: 'tag', when: { field: 'what', is: [TAG] } })),
        part: Type.Optional(Type.String({ title: 'Property in it', maxLength: 120, placeholder: 'celsius', when: { field: 'what', is: [TAG] } })),
        operator: Type.Enum([...OPERATORS], { title: 'Is', default: '>' }),
        to: Type.String({ title: 'Than, or equal to', maxLength: 200 }),
        hysteresis: Type.Optional(Type.Number({ title: 'Hysteresis', minimum: 0 })),
      },
      { title: 'Conditions', help: 'Hysteresis: how far a number must come back before the condition is over.', maxItems: 20 },
    ),
    together: Choice(['all', 'any'], { title: 'Together', labels: { all: 'all of them are true', any: 'any of them is true' }, default: 'all' }),
    also: Type.Optional(
      MessageValue(Type.Unknown(), {
        title: 'And this is true',
        help: 'For example a flow variable, or a JSONata expression. It sees the last message, the machine as msg.machine, tags as msg.tags.',
        default: { type: 'msg', value: '' },
      }),
    ),
    dwell: Quantity({ title: 'For at least', unit: 's', help: 'Shorter moments do not count.', minimum: 0, maximum: 86_400, default: 0 }),
    coolDown: Quantity({ title: 'Not again within', unit: 's', minimum: 0, maximum: 604_800, default: 0 }),
    knownFor: Quantity({
      title: 'Tags count as known for',
      unit: 's',
      help: '0: as long as the connection stands. Else an older value is not known, and neither is one whose age nobody knows (an MQTT message that the broker had kept).',
      minimum: 0,
      maximum: 604_800,
      default: 0,
    }),
    countsAtStart: Type.Boolean({ title: 'Counts when it is true from the start', default: false }),
  }),
  check: ({ machine: chosen, connection, conditions, also }) => [
    ...(conditions.length || also ? [] : [{ path: '/conditions', message: 'A condition is missing.' }]),
    ...conditions.flatMap(({ what, of, tag, operator, to }, index) => {
      const isFree = what === MESSAGE || what === TAG
      return [
        ...((what === 'state' || what === 'interlock') && operator !== '=' && operator !== '!='
          ? [{ path: `/conditions/${index}/operator`, message: `Conditions, row ${index + 1}: a word is compared with = or !=, not with ${operator}.` }]
          : []),
        ...(!isFree && what !== 'state' && what !== 'interlock' && !Number.isFinite(Number(to || 'x')) && !to.includes('${')
          ? [{ path: `/conditions/${index}/to`, message: `Conditions, row ${index + 1}: write a number, not "${to}".` }]
          : []),
        ...(!isFree && !chosen ? [{ path: '/machine', message: 'Machine is missing.' }] : []),
        ...(what === TAG && !connection ? [{ path: '/connection', message: 'Connection is missing.' }] : []),
        ...(what === TAG && !tag ? [{ path: `/conditions/${index}/tag`, message: `Conditions, row ${index + 1}: choose a tag.` }] : []),
        ...(what === TAG && tag && /[+#]/.test(tag)
          ? [{ path: `/conditions/${index}/tag`, message: `Conditions, row ${index + 1}: a tag is one topic, without + and #.` }]
          : []),
        ...((what === MESSAGE || what === 'pin' || what === 'interlock') && !of
          ? [{ path: `/conditions/${index}/of`, message: `Conditions, row ${index + 1}: say which property, pin or interlock.` }]
          : []),
      ]
    }),
  ],
  setup(context) {
    const { config, services } = context
    const timing = { dwellMs: config.dwell * 1000, coolDownMs: config.coolDown * 1000, countsAtStart: config.countsAtStart }
    const kept = context.kept<Kept>(() => ({ state: atFirst, rows: [], message: {} }))
    const machineId = context.referenced('machine')?.machineId
    const { connection } = config
    const knownForMs = config.knownFor * 1000
    let state: MachineState | undefined
    const tags = new Map<string, TagNow>()
    let isOn = true
    let timer: NodeJS.Timeout | undefined
    let aging: NodeJS.Timeout | undefined
    let looking: Promise<void> = Promise.resolve()

    const read = (row: Row, seen: Seen) => rowValue(row, seen, knownForMs)
    /** The values of tags that are known, by tag. */
    const tagValues = (seen: Seen) =>
      Object.fromEntries(
        [...seen.tags].filter(([tag]) => !read({ what: TAG, tag, operator: '=', to: '' }, seen).unknown).map(([tag, { value }]) => [tag, value]),
      )

    /** What is the case now; undefined while it cannot be said. */
    const truthOf = async (seen: Seen): Promise<boolean | undefined> => {
      const rows = config.conditions.map((row, index) => {
        const { value, unknown } = read(row, seen)
        const truth = unknown ? undefined : compare({ operator: row.operator, to: row.to, hysteresis: row.hysteresis ?? 0 }, value, kept.rows[index] ?? false)
        if (truth !== undefined) kept.rows[index] = truth
        return truth
      })
      const together = joined(rows, config.together)
      if (!config.also || together === false) return together
      const also = await context.value('also', {
        ...seen.message,
        ...(seen.machine ? { machine: seen.machine } : {}),
        ...(connection ? { tags: tagValues(seen) } : {}),
      })
      return also ? together : false
    }
    /** Which values keep the condition from being known. */
    const unknownOf = (seen: Seen): string => {
      const names = config.conditions.flatMap((row) => {
        const { unknown, at } = read(row, seen)
        if (!unknown) return []
        if (unknown === 'stale') return [`${nameOf(row)} (${at ? `${Math.round((seen.now - at) / 1000)} s old` : 'of unknown age'})`]
        return [`${nameOf(row)}${unknown === 'never' ? ' (nothing heard yet)' : ''}`]
      })
      return names.length ? `not known: ${names.slice(0, 2).join(', ')}${names.length > 2 ? ' …' : ''}` : 'not known'
    }

    let shown = ''
    const show = (truth: boolean | undefined, seen: Seen) => {
      const unknown = truth === undefined ? unknownOf(seen) : ''
      const next = `${isOn} ${truth} ${kept.state.since} ${kept.state.isTrue} ${unknown}`
      if (next === shown) return
      shown = next
      if (!isOn) context.status({ off: 'switched off' })
      else if (truth === undefined) context.status({ waiting: unknown })
      else if (kept.state.since !== undefined) context.status({ waiting: `true, for less than ${config.dwell} s` })
      else context.status(kept.state.isTrue ? { info: 'true' } : { waiting: 'not true' })
    }

    const look = async (seen: Seen) => {
      clearTimeout(timer)
      const truth = await truthOf(seen)
      if (context.signal.aborted) return
      const now = performance.now()
      const done = step(kept.state, { now, truth, timing })
      kept.state = done.state
      if (done.wakeAt !== undefined) timer = setTimeout(() => void lookSoon(), done.wakeAt - now)
      clearTimeout(aging)
      const until = staleAt(seen, knownForMs)
      if (until !== undefined) aging = setTimeout(() => void lookSoon(), Math.min(Math.max(until - Date.now(), 0) + 1, LONGEST_TIMER_MS))
      if (done.edge === 'true' || done.edge === 'false') fire(seen, done.edge === 'true')
      show(truth, seen)
      if (done.edge === 'held-back') context.status({ waiting: 'true again, within the cool-down' })
    }
    /** One look after the other, each at what was there when it was asked for: an expression may take a moment. */
    const lookSoon = (): Promise<void> => {
      const seen = { now: Date.now(), machine: state, message: kept.message, tags: new Map(tags) }
      looking = looking.then(() => look(seen)).catch((error) => context.fail(error))
      return looking
    }
    const fire = (seen: Seen, isTrue: boolean) => {
      // that it is over is told to the flow; it is no firing
      if (!isTrue && !context.hasOutputWire(1)) return
      const runId = isTrue ? services.triggers.begin(context.id, { text: inWords(seen) }) : isOn ? services.newRun(context.id) : undefined
      if (runId === undefined) return
      const at = new Date().toISOString()
      const { _msgid, _run, ...message } = seen.message
      services.withRun(runId, () =>
        context.send(isTrue ? 0 : 1, {
          ...message,
          ...(seen.machine ? { machineId: seen.machine.machineId, machine: seen.machine } : {}),
          trigger: {
            isTrue,
            at,
            values: Object.fromEntries(config.conditions.map((row) => [nameOf(row), read(row, seen).value])),
          },
          _run: runId,
        }),
      )
    }
    const inWords = (seen: Seen) =>
      config.conditions
        .map((row) => `${nameOf(row)} is ${inShort(read(row, seen).value)} (${row.operator} ${row.to})`)
        .join(config.together === 'all' ? ' and ' : ' or ') || 'the condition is true'

    const watched = [...new Set(config.conditions.flatMap(({ what, tag }) => (what === TAG && tag ? [tag] : [])))]
    const removeTrigger = services.triggers.register({
      face: {
        nodeId: context.id,
        kind: 'condition',
        name: context.name,
        about: aboutOf(config),
        ...(connection && watched.length ? { watches: { connectionId: connection, tags: watched } } : {}),
      },
      onFire(firing) {
        const seen = { now: Date.now(), machine: state, message: kept.message, tags }
        const { trigger, ...message } = triggerMessage(firing) as { trigger: object }
        context.send(0, {
          ...kept.message,
          ...message,
          // fired by hand it says how things are, whether or not they fulfil the condition
          trigger: { ...trigger, values: Object.fromEntries(config.conditions.map((row) => [nameOf(row), read(row, seen).value])) },
          ...(state ? { machineId: state.machineId, machine: state } : {}),
        })
      },
      onSwitch(next) {
        isOn = next
        void lookSoon()
      },
    })
    const removeMachine =
      machineId === undefined
        ? () => {}
        : services.onMachineState(machineId, (next) => {
            state = next
            void lookSoon()
          })
    const removeTags = watched.map((tag) =>
      connection === undefined
        ? () => {}
        : services.onTag({ connectionId: connection, tag }, (now) => {
            tags.set(tag, now)
            void lookSoon()
          }),
    )
    void lookSoon()
    return {
      input(message) {
        kept.message = message
        return lookSoon()
      },
      close() {
        clearTimeout(timer)
        clearTimeout(aging)
        removeMachine()
        for (const remove of removeTags) remove()
        removeTrigger()
      },
    }
  },
})

/** A value that fits into a sentence. */
function inShort(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)} …` : text
}

function aboutOf({ conditions, together, dwell, coolDown }: { conditions: readonly Row[]; together: 'all' | 'any'; dwell: number; coolDown: number }): string {
  const words = conditions.map((row) => `${nameOf(row)} ${row.operator} ${row.to}`).join(together === 'all' ? ' and ' : ' or ')
  return [words || 'an expression', dwell ? `for ${dwell} s` : '', coolDown ? `not again within ${coolDown} s` : ''].filter(Boolean).join(', ')
}
