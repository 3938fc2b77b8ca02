import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, ConfigNode, defineNode, MessageValue } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'

const MODES = { hold: 'held', drain: 'draining', release: 'open' } as const

export default defineNode({
  type: 'cw-queue-control',
  family: 'jobs',
  label: 'queue control',
  summary: 'Holds, drains or releases a queue. What runs goes on; a released machine runs what waits for it.',
  icon: 'queue-control',
  inputs: 1,
  outputs: ['the same message'],
  labelFrom: 'command',
  config: Type.Object({
    command: Choice(['hold', 'drain', 'release'], {
      title: 'Do',
      labels: { hold: 'hold: nothing new begins', drain: 'drain: work off what waits, take nothing new', release: 'release' },
      default: 'hold',
    }),
    queue: Choice(['machine', 'flow', 'adapter'], {
      title: 'Queue',
      labels: { machine: 'of a machine', flow: 'flow jobs', adapter: 'to outside systems' },
      default: 'machine',
    }),
    machine: Type.Optional(ConfigNode(machine, { title: 'Machine', when: { field: 'queue', is: ['machine'] } })),
    why: Type.Optional(
      MessageValue(Type.String({ maxLength: 300 }), { title: 'Why', help: 'Shown on the job board while it is held.', default: { type: 'str', value: '' } }),
    ),
  }),
  check: ({ queue, machine: chosen }) => (queue === 'machine' && !chosen ? [{ path: '/machine', message: 'Machine is missing.' }] : []),
  setup(context) {
    const { command, queue } = context.config
    return {
      async input(message) {
        const machineId = queue === 'machine' ? context.referenced('machine')?.machineId : undefined
        if (queue === 'machine' && machineId === undefined)
          throw new UserError({ code: 'config-node-missing', message: 'Choose the machine whose queue it is.' })
        const why = await context.value('why', message)
        const control = await context.services.jobs.controlQueue({
          queue: machineId === undefined ? queue : `machine-${machineId}`,
          mode: MODES[command],
          nodeId: context.id,
          ...(why ? { why } : {}),
        })
        context.status(
          control.mode === 'open' ? { info: `${control.queue} released` } : { waiting: `${control.queue} ${control.mode}${why ? `: ${why}` : ''}` },
        )
        context.send(0, { ...message, queue: control })
      },
    }
  },
})
