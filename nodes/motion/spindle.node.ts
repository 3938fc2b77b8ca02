import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode } from '../define-node/index.ts'
import type { MachineAction } from './action.ts'
import { answered, askMachine, optionalNumber } from './asking.ts'
import machine from './machine.node.ts'

const COOLANT = { off: [false, false], flood: [true, false], mist: [false, true], both: [true, true] } as const

export default defineNode({
  type: 'cw-spindle',
  family: 'motion',
  label: 'spindle and coolant',
  summary: 'Switches the spindle and the coolant of an idle machine. The spindle turns.',
  icon: 'spindle',
  inputs: 1,
  outputs: ['switched'],
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    turn: Choice(['leave', 'off', 'cw', 'ccw'], {
      title: 'Spindle',
      labels: { leave: 'as it is', off: 'off', cw: 'clockwise', ccw: 'counter-clockwise' },
      default: 'off',
    }),
    speed: optionalNumber('Speed (rpm)', { minimum: 0, maximum: 1_000_000, when: { field: 'turn', is: ['cw', 'ccw'] } }),
    coolant: Choice(['leave', 'off', 'flood', 'mist', 'both'], {
      title: 'Coolant',
      labels: { leave: 'as it is', off: 'off', flood: 'flood', mist: 'mist', both: 'flood and mist' },
      default: 'leave',
    }),
  }),
  check({ turn, speed, coolant }) {
    if (turn === 'leave' && coolant === 'leave') return [{ path: '/turn', message: 'Spindle and coolant both stay as they are: choose what to switch.' }]
    if ((turn === 'cw' || turn === 'ccw') && !speed) return [{ path: '/speed', message: 'Speed is missing.' }]
    return []
  },
  setup(context) {
    const { turn, coolant } = context.config
    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const steps: { action: MachineAction; says: string }[] = []
        if (turn === 'off') steps.push({ action: { kind: 'spindle', turn }, says: 'spindle off' })
        if (turn === 'cw' || turn === 'ccw') {
          const rpm = (await context.value('speed', message)) ?? 0
          steps.push({ action: { kind: 'spindle', turn, rpm }, says: `spindle ${turn} ${rpm} rpm` })
        }
        if (coolant !== 'leave') {
          const [isFloodOn, isMistOn] = COOLANT[coolant]
          steps.push({ action: { kind: 'coolant', isFloodOn, isMistOn }, says: `coolant ${coolant === 'both' ? 'flood and mist' : coolant}` })
        }
        const texts: string[] = []
        for (const step of steps) texts.push((await askMachine(context, { machineId, message, ...step })).text)
        context.send(0, answered(message, { text: texts.join(' ') }))
      },
    }
  },
})
