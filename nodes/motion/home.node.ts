import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode } from '../define-node/index.ts'
import { answered, askMachine } from './asking.ts'
import machine from './machine.node.ts'

const AXES = ['all', 'X', 'Y', 'Z', 'A', 'B', 'C'] as const

export default defineNode({
  type: 'cw-home',
  family: 'motion',
  label: 'home',
  summary: 'Runs the homing cycle, so that the position can be trusted. The machine moves.',
  icon: 'home',
  inputs: 1,
  outputs: ['homed'],
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    axes: Choice([...AXES], {
      title: 'Axes',
      labels: { all: 'all', X: 'X', Y: 'Y', Z: 'Z', A: 'A', B: 'B', C: 'C' },
      default: 'all',
      help: 'A single axis only where the controller can.',
    }),
  }),
  setup(context) {
    const { axes } = context.config
    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const action = { kind: 'home' as const, ...(axes === 'all' ? {} : { axes: [axes] }) }
        context.send(0, answered(message, await askMachine(context, { machineId, action, message, says: axes === 'all' ? 'homing' : `homing ${axes}` })))
      },
    }
  },
})
