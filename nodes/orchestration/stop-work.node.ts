import { Type } from 'typebox'
import { messageOf } from '../../base/errors.ts'
import { Choice, ConfigNode, defineNode, Text } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'

export default defineNode({
  type: 'cw-stop-work',
  family: 'orchestration',
  label: 'stop everything',
  summary: 'Ends what runs wait for, cancels their waiting jobs and halts their messages. It replaces no emergency stop.',
  icon: 'stop-work',
  inputs: 1,
  outputs: ['stopped'],
  config: Type.Object({
    what: Choice(['run', 'flow', 'all'], {
      title: 'Stop',
      labels: { run: 'what else this run does', flow: 'all runs of this flow', all: 'all runs of all flows' },
      default: 'flow',
    }),
    reason: Text({ title: 'Reason', help: 'Stands in the history of each run.', minLength: 1, maxLength: 200, default: 'Stopped by a flow' }),
    machineToo: Choice(['no', 'hold', 'stop'], {
      title: 'Machine',
      help: 'A software hold or stop. It does not replace the emergency stop of the machine.',
      labels: { no: 'leave machines alone', hold: 'hold the machine below', stop: 'stop the machine below' },
      default: 'no',
    }),
    machine: Type.Optional(ConfigNode(machine, { title: 'Which machine', when: { field: 'machineToo', is: ['hold', 'stop'] } })),
  }),
  check: ({ machineToo, machine: chosen }) =>
    machineToo !== 'no' && !chosen ? [{ path: '/machine', message: 'Which machine: choose the one to hold or stop.' }] : [],
  setup(context) {
    const { what, reason, machineToo } = context.config
    return {
      async input(message) {
        // metal first: the rest can wait for the database
        let machineError: string | undefined
        if (machineToo !== 'no') {
          try {
            const machineId = context.referenced('machine')?.machineId ?? ''
            await context.services.commandMachine({ machineId, command: machineToo, nodeId: context.id, ...(message._run ? { runId: message._run } : {}) })
          } catch (error) {
            machineError = messageOf(error)
          }
        }
        const { steps, runs, jobs } = await context.services.steps.stopWork({
          what,
          nodeId: context.id,
          reason,
          ...(message._run ? { runId: message._run } : {}),
        })
        const words = `${runs} run${runs === 1 ? '' : 's'}, ${steps} waiting step${steps === 1 ? '' : 's'}, ${jobs} job${jobs === 1 ? '' : 's'} ended`
        if (machineError !== undefined) throw new Error(`${words}, but the machine could not be asked to ${machineToo}: ${machineError}`)
        context.status({ info: words })
        context.send(0, { ...message, stopped: { steps, runs, jobs } })
      },
    }
  },
})
