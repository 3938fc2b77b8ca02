import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, Rows, Text } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'
import type { PanelField } from './fields.ts'
import { readFields } from './read-fields.ts'
import { gatesOf, whoAndWhen } from './who-and-when.ts'

/** `steel, brass` as two. */
const choicesOf = (text = '') =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

export default defineNode({
  type: 'cw-form',
  family: 'operator',
  label: 'panel form',
  summary: 'Puts a form on the operator panel; what is entered starts the flow.',
  icon: 'panel-form',
  inputs: 0,
  outputs: ['entered'],
  labelFrom: 'label',
  config: Type.Object({
    label: Text({ title: 'Label', help: 'On the panel, two or three words.', minLength: 1, maxLength: 40, default: '' }),
    says: Text({
      title: 'What it is for',
      help: 'One sentence under the label.',
      placeholder: 'Books scrap with its reason',
      minLength: 1,
      maxLength: 200,
      default: '',
    }),
    color: Choice(['normal', 'blue'], { title: 'Colour', labels: { normal: 'normal', blue: 'blue: the usual next step' }, default: 'normal' }),
    fields: Rows(
      {
        key: Type.String({ title: 'Name in msg.payload', minLength: 1, maxLength: 40, pattern: '^[A-Za-z][A-Za-z0-9_]*$' }),
        label: Type.String({ title: 'Label', minLength: 1, maxLength: 60 }),
        kind: Type.Enum(['number', 'text', 'long-text', 'choice', 'yes-no'], { title: 'Kind', default: 'text' }),
        unit: Type.Optional(Type.String({ title: 'Unit', maxLength: 20 })),
        min: Type.Optional(Type.Number({ title: 'At least' })),
        max: Type.Optional(Type.Number({ title: 'At most' })),
        choices: Type.Optional(Type.String({ title: 'Choices (a, b, c)', maxLength: 500 })),
        isOptional: Type.Optional(Type.Boolean({ title: 'May be left empty', default: false })),
      },
      { title: 'Fields', help: 'In this order on the panel.', maxItems: 20 },
    ),
    machine: Type.Optional(ConfigNode(machine, { title: 'Machine', help: 'Shows the form with this machine.' })),
    ...whoAndWhen,
  }),
  check: ({ fields }) =>
    fields.flatMap(({ key, kind, choices, min, max }, index) => [
      ...(fields.findIndex((field) => field.key === key) < index ? [{ path: `/fields/${index}/key`, message: `Fields: "${key}" is there twice.` }] : []),
      ...(kind === 'choice' && choicesOf(choices).length === 0
        ? [{ path: `/fields/${index}/choices`, message: `Fields, row ${index + 1}: write what can be chosen, for example steel, brass.` }]
        : []),
      ...(min !== undefined && max !== undefined && min > max
        ? [{ path: `/fields/${index}/max`, message: `Fields, row ${index + 1}: the most is less than the least.` }]
        : []),
    ]),
  setup(context) {
    const { config } = context
    const machineId = config.machine ? context.referenced('machine')?.machineId : undefined
    const asks = config.fields.map(
      ({ key, label, kind, unit, min, max, choices, isOptional }): PanelField => ({
        key,
        label,
        kind,
        ...(unit ? { unit } : {}),
        ...(kind === 'number' && min !== undefined ? { min } : {}),
        ...(kind === 'number' && max !== undefined ? { max } : {}),
        ...(kind === 'choice' ? { choices: choicesOf(choices) } : {}),
        ...(isOptional ? { isOptional } : {}),
      }),
    )
    const form = context.services.registerButton({
      nodeId: context.id,
      face: {
        kind: 'form',
        label: config.label,
        says: config.says,
        color: config.color,
        asks,
        isEnabled: true,
        waiting: [],
        ...(machineId === undefined ? {} : { machineId }),
        ...gatesOf(config),
      },
      onPress({ values: given, by, pressId, runId }) {
        const values = readFields(asks, given)
        context.send(0, { topic: config.label, payload: values, values, enteredBy: by, pressId, _run: runId })
        context.status({ info: `entered by ${by}` })
      },
    })
    context.status({ waiting: 'ready' })
    return { close: () => form.remove() }
  },
})
