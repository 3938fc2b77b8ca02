import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, MessageValue, Picked, Quantity, Text } from '../define-node/index.ts'
import { circumstancesOf, inlineOf, payloadOf, valuesOf } from './measuring.ts'

const here = { field: 'from', is: ['here'] }
const list = { field: 'from', is: ['list'] }

export default defineNode({
  type: 'cw-measure',
  family: 'quality',
  label: 'measure',
  summary: 'Judges a measured value by its tolerance and its control chart, and keeps it for good.',
  icon: 'check',
  inputs: 1,
  outputs: ['in tolerance', 'out of tolerance'],
  labelFrom: 'characteristic',
  config: Type.Object({
    from: Choice(['list', 'here'], { title: 'Where from', labels: { list: 'from the list', here: 'given here' }, default: 'here' }),
    characteristicId: Type.Optional(
      Picked('quality-characteristic', { title: 'Characteristic', help: 'Its tolerance, chart and rules are in the list.', when: list, isNeeded: true }),
    ),
    characteristic: Type.Optional(
      Text({ title: 'Characteristic', placeholder: 'bore diameter', suggests: 'characteristic', maxLength: 120, when: here, isNeeded: true }),
    ),
    nominal: Type.Optional(Quantity({ title: 'Nominal', when: here, isNeeded: true })),
    lower: Quantity({ title: 'Lower deviation', help: 'From nominal; with its sign, e.g. -0.02 or 0.', default: 0, when: here }),
    upper: Quantity({ title: 'Upper deviation', help: 'From nominal; with its sign, e.g. 0.02.', default: 0, when: here }),
    unit: Text({ title: 'Unit', maxLength: 20, default: 'mm', when: here }),
    decimals: Quantity({
      title: 'Decimals shown',
      help: 'The verdict uses the value as it is.',
      minimum: 0,
      maximum: 9,
      isWhole: true,
      default: 3,
      when: here,
    }),
    value: MessageValue(Type.Union([Type.Number(), Type.Array(Type.Number(), { minItems: 1, maxItems: 100 })]), {
      title: 'Measured value',
      help: 'A number, or a list of numbers that make a subgroup.',
      default: { type: 'msg', value: 'payload' },
    }),
    size: Type.Optional(
      MessageValue(Type.Number({ exclusiveMinimum: 0 }), {
        title: 'Of how many',
        help: 'Only for counts.',
        default: { type: 'msg', value: 'size' },
        when: list,
      }),
    ),
  }),
  check({ from, characteristicId, characteristic, nominal, lower, upper }) {
    if (from === 'list') return characteristicId ? [] : [{ path: '/characteristicId', message: 'Choose the characteristic.' }]
    return [
      ...(characteristic ? [] : [{ path: '/characteristic', message: 'Characteristic is missing.' }]),
      ...(nominal === undefined ? [{ path: '/nominal', message: 'Nominal is missing.' }] : []),
      ...(lower > upper ? [{ path: '/lower', message: `Lower deviation (${lower}) is above the upper one (${upper}).` }] : []),
    ]
  },
  setup(context) {
    const { from, characteristicId = '', characteristic = '', nominal = 0, lower, upper, unit, decimals } = context.config
    const of = from === 'list' ? { characteristicId } : inlineOf({ characteristic, nominal, lower, upper, unit, decimals })
    return {
      async input(message) {
        const values = valuesOf(await context.value('value', message))
        if (from === 'here' && values.length > 1)
          throw new UserError({
            code: 'value-invalid',
            message: 'A characteristic that is given here takes one value at a time. Put it on the list with subgroups, and choose it from there.',
          })
        const size = from === 'list' ? await context.value('size', message) : undefined
        const entered = await context.services.quality.enter({
          ...circumstancesOf(message),
          of,
          values,
          ...(size === undefined ? {} : { size }),
          nodeId: context.id,
        })
        const payload = payloadOf(entered)
        const { isInTolerance, signals, isLocked } = entered.result
        const say = `${payload.text}`
        const rule = signals.find((signal) => signal.chart !== 'tolerance')
        if (!isInTolerance) context.status({ alarm: say })
        else if (rule) context.status(isLocked ? { asks: `${say}: ${rule.text}` } : { alarm: `${say}: ${rule.text}` })
        else context.status({ ok: say })
        context.send(isInTolerance ? 0 : 1, { ...message, payload })
      },
    }
  },
})
