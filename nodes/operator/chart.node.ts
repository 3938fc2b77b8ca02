import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { defineNode, MessageValue, Quantity } from '../define-node/index.ts'
import { faceOf, label, limitFields, numberFields, ofMachine } from './tile-limits.ts'

export default defineNode({
  type: 'cw-chart',
  family: 'operator',
  label: 'panel chart',
  summary: 'Draws a number over time on the operator panel, with its limits.',
  icon: 'panel-chart',
  inputs: 1,
  outputs: [],
  labelFrom: 'label',
  config: Type.Object({
    label,
    value: Type.Optional(MessageValue(Type.Number(), { title: 'Value', default: { type: 'msg', value: 'payload' } })),
    ...numberFields,
    spanMin: Quantity({ title: 'Time shown', unit: 'min', minimum: 1, maximum: 1440, default: 60 }),
    ...limitFields,
    ...ofMachine,
  }),
  setup(context) {
    const { unit, decimals, spanMin } = context.config
    const machineId = context.config.machine ? context.referenced('machine')?.machineId : undefined
    const tile = context.services.panel.registerTile({
      nodeId: context.id,
      face: { kind: 'chart', spanS: spanMin * 60, ...faceOf(context.config, machineId) },
    })
    return {
      async input(message) {
        const value = await context.value('value', message)
        if (typeof value !== 'number')
          throw new UserError({ code: 'not-a-value', message: 'A chart draws numbers, and the message has none there. Name the property that holds one.' })
        tile.say(value)
        context.status({ info: `${value.toFixed(decimals)}${unit ? ` ${unit}` : ''}` })
      },
      close: () => tile.remove(),
    }
  },
})
