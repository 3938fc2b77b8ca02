import { Type } from 'typebox'
import { defineNode, MessageValue, Quantity, Text } from '../define-node/index.ts'
import { circumstancesOf, inlineOf, payloadOf } from './measuring.ts'

/** `cw-measure` as it was at first. Flows that have it run as ever; a deploy makes `cw-measure` of it (server/flows/upgrade.ts). */
export default defineNode({
  type: 'cw-check',
  family: 'quality',
  label: 'check',
  summary: 'Compares a measured value with its tolerance and keeps the result.',
  icon: 'check',
  replacedBy: 'cw-measure',
  inputs: 1,
  outputs: ['in tolerance', 'out of tolerance'],
  labelFrom: 'characteristic',
  config: Type.Object({
    characteristic: Text({ title: 'Characteristic', placeholder: 'bore diameter', suggests: 'characteristic', minLength: 1, maxLength: 120, default: '' }),
    nominal: Quantity({ title: 'Nominal' }),
    lower: Quantity({ title: 'Lower deviation', help: 'From nominal; with its sign, e.g. -0.02 or 0.', default: 0 }),
    upper: Quantity({ title: 'Upper deviation', help: 'From nominal; with its sign, e.g. 0.02.', default: 0 }),
    unit: Text({ title: 'Unit', maxLength: 20, default: 'mm' }),
    decimals: Quantity({ title: 'Decimals shown', help: 'The verdict uses the value as it is.', minimum: 0, maximum: 9, isWhole: true, default: 3 }),
    value: MessageValue(Type.Number(), { title: 'Measured value', default: { type: 'msg', value: 'payload' } }),
  }),
  check: ({ lower, upper }) => (lower > upper ? [{ path: '/lower', message: `Lower deviation (${lower}) is above the upper one (${upper}).` }] : []),
  setup(context) {
    const of = inlineOf(context.config)
    return {
      async input(message) {
        const value = await context.value('value', message)
        const entered = await context.services.quality.enter({ ...circumstancesOf(message), of, values: [value], nodeId: context.id })
        const { isInTolerance } = entered.result
        const payload = payloadOf(entered)
        context.status(isInTolerance ? { ok: `${payload.text}` } : { alarm: `${payload.text}` })
        context.send(isInTolerance ? 0 : 1, { ...message, payload })
      },
    }
  },
})
