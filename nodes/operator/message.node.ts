import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, MessageValue, Text } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'

export default defineNode({
  type: 'cw-message',
  family: 'operator',
  label: 'panel message',
  summary: 'Shows a message on the operator panels, until somebody has seen it or a flow takes it back.',
  icon: 'panel-message',
  inputs: 1,
  outputs: ['told'],
  labelFrom: 'title',
  config: Type.Object({
    do: Choice(['show', 'clear'], { title: 'Do', labels: { show: 'show a message', clear: 'take a message back' }, default: 'show' }),
    priority: Choice(['alarm', 'warning', 'action', 'info'], {
      title: 'Priority',
      labels: {
        alarm: 'alarm: red, heard until somebody has seen it',
        warning: 'warning: something is not as it should be',
        action: 'action: a person is to do something',
        info: 'message: good to know',
      },
      default: 'info',
    }),
    title: Type.Optional(
      MessageValue(Type.String({ maxLength: 200 }), {
        title: 'What happened',
        help: 'One line, as a colleague would say it.',
        default: { type: 'str', value: 'Coolant is low' },
      }),
    ),
    text: Type.Optional(MessageValue(Type.String({ maxLength: 2000 }), { title: 'What it means, what to do', default: { type: 'str', value: '' } })),
    lasts: Choice(['seen', 'cleared', 'both'], {
      title: 'It stays',
      labels: {
        seen: 'until somebody has seen it',
        cleared: 'until a flow takes it back',
        both: 'until it is taken back and somebody has seen it',
      },
      default: 'seen',
    }),
    key: Text({
      title: 'Matter',
      help: 'Messages of the same matter take each other’s place, and this is what takes one back. The nodes that show and take back say the same.',
      minLength: 1,
      maxLength: 80,
      default: 'message',
    }),
    machine: Type.Optional(ConfigNode(machine, { title: 'Machine', help: 'Shows it with this machine.' })),
  }),
  setup(context) {
    const { config, services } = context
    const machineId = config.machine ? context.referenced('machine')?.machineId : undefined
    return {
      async input(message) {
        const runId = message._run
        if (config.do === 'clear') {
          await services.panel.clearMessage({ nodeId: context.id, key: config.key })
          context.status({ info: 'taken back' })
          context.send(0, message)
          return
        }
        const [title, text] = await Promise.all([context.value('title', message), context.value('text', message)])
        const shown = title?.trim() || config.key
        await services.panel.message({
          nodeId: context.id,
          key: config.key,
          priority: config.priority,
          title: shown,
          needsAck: config.lasts !== 'cleared',
          lasts: config.lasts !== 'seen',
          ...(text?.trim() ? { text } : {}),
          ...(machineId === undefined ? {} : { machineId }),
          ...(runId === undefined ? {} : { runId }),
        })
        context.status({ info: shown })
        context.send(0, message)
      },
    }
  },
})
