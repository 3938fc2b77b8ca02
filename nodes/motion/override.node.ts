import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { ConfigNode, defineNode } from '../define-node/index.ts'
import { answered, askMachine, optionalNumber } from './asking.ts'
import machine from './machine.node.ts'

export default defineNode({
  type: 'cw-override',
  family: 'motion',
  label: 'override',
  summary: 'Sets the overrides of feed, rapid and spindle, also while a program runs.',
  icon: 'override',
  inputs: 1,
  outputs: ['set'],
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    feed: optionalNumber('Feed (%)', { minimum: 10, maximum: 200, help: '10 to 200, whole numbers. Empty: it stays as it is.' }),
    rapid: optionalNumber('Rapid (%)', { minimum: 25, maximum: 100, help: '25, 50 or 100.' }),
    spindle: optionalNumber('Spindle (%)', { minimum: 10, maximum: 200, help: '10 to 200, whole numbers.' }),
  }),
  check: ({ feed, rapid, spindle }) => (feed || rapid || spindle ? [] : [{ path: '/feed', message: 'No override is set: give at least one a value.' }]),
  setup(context) {
    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const [feed, rapid, spindle] = [await context.value('feed', message), await context.value('rapid', message), await context.value('spindle', message)]
        const given = Object.entries({ feed, rapid, spindle }).filter((entry): entry is [string, number] => entry[1] !== undefined)
        if (!given.length)
          throw new UserError({ code: 'value-missing', message: 'No override has a value: this message brings none of those that this node reads.' })
        for (const [name, percent] of given) {
          if (name === 'rapid' ? [25, 50, 100].includes(percent) : Number.isInteger(percent)) continue
          throw new UserError({
            code: 'value-invalid',
            message: `The ${name} override ${name === 'rapid' ? 'can be 25, 50 or 100 percent' : 'is in whole percent'}, but this message says ${percent}.`,
          })
        }
        const action = {
          kind: 'override' as const,
          ...(feed === undefined ? {} : { feed }),
          ...(rapid === undefined ? {} : { rapid: rapid as 25 | 50 | 100 }),
          ...(spindle === undefined ? {} : { spindle }),
        }
        const says = given.map(([name, percent]) => `${name} ${percent} %`).join(', ')
        context.send(0, answered(message, await askMachine(context, { machineId, action, message, says })))
      },
    }
  },
})
