import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { defineNode, type Message, Text } from '../define-node/index.ts'

export default defineNode({
  type: 'cw-flow-begin',
  family: 'orchestration',
  label: 'flow begin',
  summary: 'Begins a flow that others call by its name; it ends with a "return".',
  icon: 'flow-begin',
  inputs: 0,
  outputs: ['call'],
  labelFrom: 'flow',
  config: Type.Object({
    flow: Text({ title: 'Name of the flow', help: 'One "flow begin" for each name.', minLength: 1, maxLength: 100, default: '' }),
  }),
  setup(context) {
    const { flow } = context.config
    let calls = 0
    const remove = context.services.steps.registerFlow({
      nodeId: context.id,
      name: flow,
      onCall(message) {
        if (!context.hasOutputWire(0))
          throw new UserError({ code: 'not-wired', message: `Nothing is wired to the "flow begin" of "${flow}": wire it up and deploy.` })
        calls += 1
        context.status({ info: `called ${calls === 1 ? 'once' : `${calls} times`}` })
        context.send(0, message as Message)
      },
    })
    context.status({ waiting: `waiting for calls of "${flow}"` })
    return { close: () => remove() }
  },
})
