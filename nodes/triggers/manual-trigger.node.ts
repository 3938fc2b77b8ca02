import { Type } from 'typebox'
import { defineNode, MessageValue, Rows, Text } from '../define-node/index.ts'
import { triggerMessage } from './message.ts'
import type { FormField } from './services.ts'

const KINDS = ['text', 'number', 'yes-no', 'date', 'choice'] as const

export default defineNode({
  type: 'cw-manual-trigger',
  family: 'triggers',
  label: 'manual trigger',
  summary: 'Starts a flow by hand: from the list of triggers, the API or the command line, with values to enter.',
  icon: 'manual-trigger',
  inputs: 0,
  outputs: ['fired'],
  config: Type.Object({
    says: Type.Optional(
      Text({
        title: 'What will happen',
        help: 'One sentence, so that nobody starts it unawares.',
        placeholder: 'Starts the warm-up of mill 1',
        maxLength: 200,
      }),
    ),
    fields: Rows(
      {
        key: Type.String({ title: 'Name in msg.values', minLength: 1, maxLength: 40, pattern: '^[A-Za-z][A-Za-z0-9_]*$' }),
        label: Type.String({ title: 'Label', minLength: 1, maxLength: 60 }),
        kind: Type.Enum([...KINDS], { title: 'Kind', default: 'text' }),
        unit: Type.Optional(Type.String({ title: 'Unit', maxLength: 20 })),
        choices: Type.Optional(Type.String({ title: 'Choices (a, b, c)', maxLength: 500 })),
        isOptional: Type.Optional(Type.Boolean({ title: 'May be left empty', default: false })),
      },
      { title: 'Values to enter', help: 'A form is made of them; what was entered is in msg.values.', maxItems: 20 },
    ),
    topic: Type.Optional(Text({ title: 'Topic' })),
    payload: MessageValue(Type.Unknown(), { title: 'Payload', default: { type: 'msg', value: 'values' } }),
  }),
  check: ({ fields }) =>
    fields.flatMap(({ key, kind, choices }, index) => [
      ...(fields.findIndex((field) => field.key === key) < index
        ? [{ path: `/fields/${index}/key`, message: `Values to enter: "${key}" is there twice.` }]
        : []),
      ...(kind === 'choice' && choicesOf(choices).length === 0
        ? [{ path: `/fields/${index}/choices`, message: `Values to enter, row ${index + 1}: write what can be chosen, for example steel, brass.` }]
        : []),
    ]),
  setup(context) {
    const { config, services } = context
    const show = (isOn: boolean) => context.status(isOn ? { waiting: 'ready' } : { off: 'switched off' })
    show(true)
    const remove = services.triggers.register({
      face: {
        nodeId: context.id,
        kind: 'manual',
        name: context.name,
        ...(config.says ? { about: config.says } : {}),
        fields: config.fields.map(
          ({ key, label, kind, unit, choices, isOptional }): FormField => ({
            key,
            label,
            kind,
            isRequired: isOptional !== true,
            ...(unit ? { unit } : {}),
            ...(kind === 'choice' ? { choices: choicesOf(choices) } : {}),
          }),
        ),
      },
      async onFire(firing) {
        const message = { values: {}, ...triggerMessage(firing, { topic: config.topic }) }
        context.send(0, { ...message, payload: await context.value('payload', message) })
        context.status({ info: firing.by === undefined ? 'fired' : `fired by ${firing.by}` })
      },
      onSwitch: show,
    })
    return { close: () => remove() }
  },
})

const choicesOf = (text = ''): string[] => [
  ...new Set(
    text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean),
  ),
]
