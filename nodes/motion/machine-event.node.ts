import { Type } from 'typebox'
import { Choices, ConfigNode, defineNode } from '../define-node/index.ts'
import machine from './machine.node.ts'

const KINDS = {
  alarm: 'alarm',
  message: 'message of the controller',
  'link-lost': 'link lost',
  'link-back': 'link back',
  'controller-restarted': 'controller restarted',
  'program-waits': 'a program waits for a person',
  'tool-change': 'a tool change is due',
  interlock: 'an interlock changed',
  probe: 'progress of probing',
  'settings-drift': 'settings differ from the backup',
  state: 'every change of state',
}

export default defineNode({
  type: 'cw-machine-event',
  family: 'motion',
  label: 'machine event',
  summary: 'Starts a flow when something happens at a machine: an alarm, a lost link, a change of state.',
  icon: 'machine-event',
  inputs: 0,
  outputs: ['event'],
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    kinds: Choices(
      ['alarm', 'message', 'link-lost', 'link-back', 'controller-restarted', 'program-waits', 'tool-change', 'interlock', 'probe', 'settings-drift', 'state'],
      {
        title: 'Events',
        labels: KINDS,
        default: ['alarm', 'link-lost', 'controller-restarted'],
      },
    ),
  }),
  setup(context) {
    const { machineId } = context.referenced('machine')
    const wanted = new Set<string>(context.config.kinds)
    context.status({ waiting: `listening to ${machineId}` })
    const remove = context.services.onMachineEvent(machineId, (event) => {
      if (!wanted.has(event.kind)) return
      context.status(event.kind === 'alarm' || event.kind === 'link-lost' ? { alarm: event.text } : { info: event.text })
      context.send(0, { topic: machineId, machineId, payload: event })
    })
    return { close: () => remove() }
  },
})
