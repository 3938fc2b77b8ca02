/** What every question to a person has in its form: *wait for a person* and *approval* ask alike. */
import { Type } from 'typebox'
import { Choice, ConfigNode, MessageValue, Quantity, Text } from '../define-node/index.ts'
import machine from '../motion/machine.node.ts'

export const questionField = (title: string) =>
  MessageValue(Type.String({ minLength: 1, maxLength: 200 }), {
    title,
    help: 'One line, as it stands on the card.',
    default: { type: 'str', value: 'Release the first part?' },
  })

export const detailsField = (help: string) =>
  Type.Optional(MessageValue(Type.String({ maxLength: 2000 }), { title: 'Details', help, default: { type: 'str', value: '' } }))

export const whoField = (title: string) =>
  Choice(['panel.press', 'machines.operate', 'flows.deploy'], {
    title,
    labels: { 'panel.press': 'whoever may press flow buttons', 'machines.operate': 'whoever may operate machines', 'flows.deploy': 'engineers' },
    default: 'panel.press',
  })

export const yesField = Text({ title: 'Word for yes', minLength: 1, maxLength: 40, default: 'Approve' })

export const cardFields = {
  machine: Type.Optional(ConfigNode(machine, { title: 'Machine', help: 'Shows the card with this machine.' })),
}

export const deadlineField = Quantity({
  title: 'Deadline',
  unit: 's',
  help: 'Then the card is taken back. 0 waits for ever.',
  minimum: 0,
  maximum: 31_536_000,
  default: 0,
})
