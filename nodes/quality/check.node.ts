import { Type } from 'typebox'
import { defineNode, MessageValue, Quantity, Text } from '../define-node/index.ts'
import { workOrderNumberOf } from '../erp/receipt.ts'
import { judge } from './judge.ts'

export default defineNode({
  type: 'cw-check',
  family: 'quality',
  label: 'check',
  summary: 'Compares a measured value with its tolerance and keeps the result.',
  icon: 'check',
  inputs: 1,
  outputs: ['in tolerance', 'out of tolerance'],
  labelFrom: 'characteristic',
  config: Type.Object({
    characteristic: Text({ title: 'Characteristic', placeholder: 'bore diameter', minLength: 1, maxLength: 120, default: '' }),
    nominal: Quantity({ title: 'Nominal' }),
    lower: Quantity({ title: 'Lower deviation', help: 'From nominal; with its sign, e.g. -0.02 or 0.', default: 0 }),
    upper: Quantity({ title: 'Upper deviation', help: 'From nominal; with its sign, e.g. 0.02.', default: 0 }),
    unit: Text({ title: 'Unit', maxLength: 20, default: 'mm' }),
    decimals: Quantity({ title: 'Decimals shown', help: 'The verdict uses the value as it is.', minimum: 0, maximum: 9, isWhole: true, default: 3 }),
    value: MessageValue(Type.Number(), { title: 'Measured value', default: { type: 'msg', value: 'payload' } }),
  }),
  check: ({ lower, upper }) => (lower > upper ? [{ path: '/lower', message: `Lower deviation (${lower}) is above the upper one (${upper}).` }] : []),
  setup(context) {
    return {
      async input(message) {
        const { characteristic, nominal, unit } = context.config
        const value = await context.value('value', message)
        const verdict = judge({ ...context.config, value })
        const workOrder = workOrderNumberOf(message)
        const { id } = await context.services.recordMeasurement({
          characteristic,
          value,
          nominal,
          lower: verdict.lowerLimit,
          upper: verdict.upperLimit,
          unit,
          isInTolerance: verdict.isInTolerance,
          nodeId: context.id,
          ...(message._run ? { runId: message._run } : {}),
          ...(workOrder === undefined ? {} : { workOrder }),
          ...(typeof message.partSerial === 'string' ? { partSerial: message.partSerial } : {}),
          ...(typeof message.pressedBy === 'string' ? { by: message.pressedBy } : {}),
        })
        context.status(verdict.isInTolerance ? { ok: verdict.text } : { alarm: verdict.text })
        context.send(verdict.isInTolerance ? 0 : 1, { ...message, payload: { measurementId: id, characteristic, value, nominal, unit, ...verdict } })
      },
    }
  },
})
