import { Type } from 'typebox'
import { defineNode, MessageValue, Quantity } from '../define-node/index.ts'
import { faceOf, label, limitFields, numberFields, ofMachine, shownValue } from './tile-limits.ts'

export default defineNode({
  type: 'cw-value',
  family: 'operator',
  label: 'panel value',
  summary: 'Shows a value on the operator panel, with its unit and its limits.',
  icon: 'panel-value',
  inputs: 1,
  outputs: [],
  labelFrom: 'label',
  config: Type.Object({
    label,
    value: Type.Optional(MessageValue(Type.Unknown(), { title: 'Value', default: { type: 'msg', value: 'payload' } })),
    ...numberFields,
    ...limitFields,
    staleAfterS: Quantity({
      title: 'Old after',
      unit: 's',
      help: 'Without a new value for so long it is shown grey, with its time. 0: it stays as it is.',
      minimum: 0,
      maximum: 604_800,
      default: 0,
    }),
    ...ofMachine,
  }),
  setup(context) {
    const { unit, decimals, staleAfterS } = context.config
    const machineId = context.config.machine ? context.referenced('machine')?.machineId : undefined
    const tile = context.services.panel.registerTile({
      nodeId: context.id,
      face: { kind: 'value', ...(staleAfterS > 0 ? { staleAfterS } : {}), ...faceOf(context.config, machineId) },
    })
    return {
      async input(message) {
        const value = shownValue(await context.value('value', message))
        tile.say(value)
        context.status({ info: `${typeof value === 'number' ? value.toFixed(decimals) : value}${unit ? ` ${unit}` : ''}` })
      },
      close: () => tile.remove(),
    }
  },
})
