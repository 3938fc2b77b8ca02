import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, MessageValue } from '../define-node/index.ts'
import { answered, askMachine, axesInWords, axisFields, hasAxis, readAxes } from './asking.ts'
import machine from './machine.node.ts'

export default defineNode({
  type: 'cw-jog',
  family: 'motion',
  label: 'jog',
  summary: 'Moves an idle machine by a distance or to a place, within its travel. The machine moves.',
  icon: 'jog',
  inputs: 1,
  outputs: ['arrived'],
  labelFrom: 'target',
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    target: Choice(['by', 'work', 'machine'], {
      title: 'Move',
      labels: { by: 'by a distance', work: 'to a place in work coordinates', machine: 'to a place in machine coordinates' },
      default: 'by',
    }),
    ...axisFields(),
    feed: MessageValue(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }), { title: 'Feed (mm/min)', default: { type: 'num', value: '500' } }),
  }),
  check: (config) => (hasAxis(config) ? [] : [{ path: '/axisX', message: 'No axis is set: give at least one a value.' }]),
  setup(context) {
    const { target } = context.config
    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const values = await readAxes((key) => context.value(key, message))
        const feedMmPerMin = await context.value('feed', message)
        const result = await askMachine(context, {
          machineId,
          message,
          action: target === 'by' ? { kind: 'jog', by: values, feedMmPerMin } : { kind: 'go-to', to: values, frame: target, feedMmPerMin },
          says: `${target === 'by' ? 'by' : 'to'} ${axesInWords(values)}`,
        })
        context.send(0, answered(message, result))
      },
    }
  },
})
