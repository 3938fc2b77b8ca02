import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, MessageValue } from '../define-node/index.ts'
import machine from './machine.node.ts'

const COMMANDS = {
  hold: 'hold (feed hold)',
  stop: 'stop (ends the program)',
  resume: 'resume after a hold',
  home: 'home',
  unlock: 'unlock after an alarm',
  line: 'one line of G-code',
}

export default defineNode({
  type: 'cw-machine-command',
  family: 'motion',
  label: 'machine command',
  summary: 'Holds, stops, resumes, homes or unlocks a machine, or sends it one line.',
  icon: 'machine-command',
  inputs: 1,
  outputs: ['done'],
  labelFrom: 'command',
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    command: Choice(['hold', 'stop', 'resume', 'home', 'unlock', 'line'], { title: 'Command', labels: COMMANDS, default: 'hold' }),
    line: Type.Optional(
      MessageValue(Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\r\\n]*$' }), {
        title: 'Line',
        help: 'Only for "one line of G-code": sent when the machine is idle, after the same checks as a program.',
        default: { type: 'str', value: '' },
      }),
    ),
  }),
  check: (config) => (config.command === 'line' && !config.line ? [{ path: '/line', message: 'Line is missing: the command is one line of G-code.' }] : []),
  setup(context) {
    const { command } = context.config
    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const line = command === 'line' ? await context.value('line', message) : undefined
        context.status({ info: `${command} → ${machineId}` })
        const { answer } = await context.services.commandMachine({
          machineId,
          command,
          nodeId: context.id,
          ...(line === undefined ? {} : { line }),
          ...(message._run ? { runId: message._run } : {}),
        })
        context.status({ info: line === undefined ? `${command}: ${answer}` : `${line}: ${answer}` })
        context.send(0, { ...message, answer })
      },
    }
  },
})
