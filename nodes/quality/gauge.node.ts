import { Type } from 'typebox'
import { messageOf, toErrorMessage, UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { Choice, defineNode, type Message, Picked, Text } from '../define-node/index.ts'
import { triggerMessage } from '../triggers/message.ts'
import { convert } from './engine/units/index.ts'

/** A reading as the connector gives it (adapters/serial-gauge). */
const Reading = checker(
  Type.Object({
    value: Type.Number(),
    decimals: Type.Integer(),
    unit: Type.String(),
    channel: Type.Optional(Type.String()),
    raw: Type.String(),
    at: Type.String(),
  }),
)
const Refused = checker(Type.Object({ refused: Type.Object({ code: Type.String(), text: Type.String() }), at: Type.String() }))
const UNITS = { 'as-read': 'as the gauge says', mm: 'mm', inch: 'inch', µm: 'µm', N: 'N', lbF: 'lbF', kgF: 'kgF' } as const

export default defineNode({
  type: 'cw-gauge',
  family: 'quality',
  label: 'gauge',
  summary: 'Gives each reading of a connected gauge, or asks it for one.',
  icon: 'gauge',
  inputs: 1,
  outputs: ['reading', 'no reading'],
  config: Type.Object({
    connection: Picked('connection', { title: 'Gauge', help: 'A connection of the kind “Gauge”.' }),
    channel: Type.Optional(Text({ title: 'Only channel', help: 'Of an interface with several gauges. Empty: all of them.', maxLength: 20 })),
    isStarting: Type.Boolean({ title: 'Each reading starts a run', default: true }),
    unit: Choice(Object.keys(UNITS) as [keyof typeof UNITS, ...(keyof typeof UNITS)[]], { title: 'Value in', labels: UNITS, default: 'as-read' }),
  }),
  setup(context) {
    const { connection: connectionId, channel, isStarting, unit } = context.config

    const give = (payload: unknown, message: Message) => {
      if (!Reading.is(payload))
        throw new UserError({ code: 'not-a-gauge', message: 'This connection brings no readings. Choose a connection of the kind “Gauge”.' })
      const wanted = unit === 'as-read' ? payload.unit : unit
      const value = convert(payload.value, payload.unit, wanted)
      if (value === undefined)
        throw new UserError({
          code: 'unit-differs',
          message: `The gauge reads ${payload.unit}, which cannot be given in ${wanted}. Set the gauge to another unit, or choose another here.`,
        })
      context.status({ info: `${payload.value.toFixed(payload.decimals)} ${payload.unit}` })
      context.send(0, { ...message, payload: value, unit: wanted, gauge: { connectionId, ...payload } })
    }
    /** There is no value, and nothing that could be taken for one. */
    const refuse = (why: { code: string; message: string }, message: Message, error?: unknown) => {
      context.status({ alarm: why.message })
      if (context.hasOutputWire(1)) context.send(1, { ...message, payload: null, gauge: { connectionId }, error: why })
      else context.fail(error ?? new UserError(why), message)
    }
    const attempt = (payload: unknown, message: Message) => {
      try {
        give(payload, message)
      } catch (error) {
        refuse({ code: toErrorMessage(error).code, message: messageOf(error) }, message, error)
      }
    }

    const show = (isOn: boolean) => context.status(isOn ? { waiting: 'waits for a reading' } : { off: 'switched off' })
    const remove = isStarting
      ? context.services.triggers.register({
          face: {
            nodeId: context.id,
            kind: 'event',
            name: context.name,
            about: channel ? `gauge, channel ${channel}` : 'gauge',
            on: { source: 'connection', connectionId, ...(channel ? { subject: `reading/${channel}` } : {}) },
          },
          onFire(firing) {
            const { values, ...rest } = firing
            const message = triggerMessage({ ...rest, values: {} })
            if (Refused.is(values.payload)) refuse({ code: values.payload.refused.code, message: values.payload.refused.text }, message)
            else attempt(values.payload, message)
          },
          onSwitch: show,
        })
      : () => {}
    if (isStarting) show(true)
    return {
      async input(message) {
        context.status({ waiting: 'asks the gauge' })
        let payload: unknown
        try {
          payload = await context.services.askConnection({ connectionId, nodeId: context.id, ...(message._run ? { runId: message._run } : {}) })
        } catch (error) {
          const { code, kind } = toErrorMessage(error)
          if (kind === 'bug') throw error
          return refuse({ code, message: messageOf(error) }, message, error)
        }
        attempt(payload, message)
      },
      close: () => remove(),
    }
  },
})
