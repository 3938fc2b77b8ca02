import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { Choice, ConfigNode, defineNode, type Message, MessageValue, type NodeContext, Rows, Text } from '../define-node/index.ts'
import { receiptOf } from '../erp/receipt.ts'
import { activeJobOf } from '../jobs/active-jobs.ts'
import machine from '../motion/machine.node.ts'
import type { ButtonFace, ButtonPress } from '../services.ts'
import { readFields } from './read-fields.ts'
import { gatesOf, whoAndWhen } from './who-and-when.ts'

const config = Type.Object({
  label: Text({ title: 'Label', help: 'On the button, two or three words.', minLength: 1, maxLength: 40, default: '' }),
  says: Text({
    title: 'What will happen',
    help: 'One sentence under the label, so that nobody presses it unawares.',
    placeholder: 'Starts the program of the work order',
    minLength: 1,
    maxLength: 200,
    default: '',
  }),
  color: Choice(['normal', 'blue'], { title: 'Colour', labels: { normal: 'normal', blue: 'blue: the usual next step' }, default: 'normal' }),
  machine: Type.Optional(ConfigNode(machine, { title: 'Machine', help: 'Shows the button with this machine.' })),
  waitingText: Type.Optional(
    MessageValue(Type.String(), {
      title: 'Shown for a waiting message',
      help: 'Used when something is wired to the input: each message then waits here for its press.',
      default: { type: 'msg', value: 'workOrder.number' },
    }),
  ),
  whenEmpty: Text({ title: 'When nothing waits', help: 'Shown on the button while it cannot be pressed.', maxLength: 80, default: 'Nothing is waiting' }),
  asks: Rows(
    {
      key: Type.String({ title: 'Name in msg.values', minLength: 1, maxLength: 40, pattern: '^[A-Za-z][A-Za-z0-9_]*$' }),
      label: Type.String({ title: 'Label', minLength: 1, maxLength: 60 }),
      kind: Type.Enum(['number', 'text'], { title: 'Kind', default: 'number' }),
      unit: Type.Optional(Type.String({ title: 'Unit', maxLength: 20 })),
    },
    { title: 'Values to enter', help: 'Asked before the press counts.', maxItems: 8 },
  ),
  ...whoAndWhen,
})
type Context = NodeContext<(typeof config)['properties']>

/** A message that waits for its press. It outlives the node: a deploy restarts nodes. */
interface Waiting {
  id: string
  text: string
  message: Message
  /** Lets the run of the message end. */
  releaseRun: () => void
  /** Ends the input of the node that took the message. */
  settle: () => void
}

interface Kept {
  waiting: Waiting[]
  /** Of the node as it was last started. */
  show: () => void
}

export default defineNode({
  type: 'cw-button',
  family: 'operator',
  label: 'operator button',
  summary: 'Puts a button on the operator panel; waiting messages go on when it is pressed.',
  icon: 'button',
  inputs: 1,
  outputs: ['pressed'],
  labelFrom: 'label',
  config,
  check: ({ asks }) =>
    asks.flatMap(({ key }, index) =>
      asks.findIndex((ask) => ask.key === key) < index ? [{ path: `/asks/${index}/key`, message: `Values to enter: "${key}" is there twice.` }] : [],
    ),
  setup(context) {
    const kept = context.kept<Kept>(() => ({ waiting: [], show: () => undefined }))
    const { waiting } = kept
    let isWired = context.hasInputWire()
    const holdsMessages = () => isWired || waiting.length > 0
    const machineId = context.config.machine ? context.referenced('machine')?.machineId : undefined
    const face = () => faceOf(context, { machineId, waiting, isEnabled: !isWired || waiting.length > 0 })
    const button = context.services.registerButton({ nodeId: context.id, face: face(), onPress: press })
    kept.show = () => {
      button.update(face())
      if (!holdsMessages()) context.status({ waiting: 'ready' })
      else context.status(waiting.length ? { asks: `${waiting.length} waiting` } : { off: context.config.whenEmpty })
    }
    kept.show()
    context.onFlowsStarted(() => {
      isWired = context.hasInputWire()
      kept.show()
    })

    async function press(pressed: ButtonPress): Promise<void> {
      const values = readFields(context.config.asks, pressed.values)
      const by = { values, pressedBy: pressed.by, pressId: pressed.pressId }
      if (!holdsMessages()) {
        context.send(0, { topic: context.config.label, payload: values, ...by, _run: pressed.runId })
        context.status({ info: `pressed by ${pressed.by}` })
        return
      }
      const item = takeWaiting(waiting, pressed.waitingId, context.config.whenEmpty)
      const { message } = item
      // a job is one piece of work with one run: a press within it is a step of that run
      const runOfJob = activeJobOf(message) === undefined ? undefined : message._run
      context.send(0, { ...message, ...by, _run: runOfJob ?? pressed.runId, values: { ...(message.values as object | undefined), ...values } })
      if (runOfJob !== undefined) context.services.endRun(pressed.runId, { state: 'completed', text: `${item.text} goes on in the run of its job` })
      item.releaseRun()
      item.settle()
      kept.show()
      const receipt = receiptOf(message)
      if (receipt?.isOpen) await context.services.workOrderTaken({ id: receipt.id, runId: pressed.runId }).catch((error) => context.fail(error, message))
    }

    return {
      async input(message) {
        const receipt = receiptOf(message)
        const isHere = () => receipt !== undefined && waiting.some((item) => receiptOf(item.message)?.id === receipt.id)
        const text = (await context.value('waitingText', message)) ?? `message ${message._msgid ?? ''}`
        // a work order that was delivered again while it waits here
        if (isHere()) return
        await new Promise<void>((settle) => {
          const releaseRun = message._run ? context.services.holdRun(message._run) : () => undefined
          waiting.push({ id: newId('evt'), text, message, releaseRun, settle })
          kept.show()
        })
      },
      close(isRemoved) {
        button.remove()
        if (!isRemoved) return
        if (waiting.length)
          context.warn(`The button was removed with ${waiting.length} waiting: ${waiting.map((item) => item.text).join(', ')}. They do not go on.`)
        for (const item of waiting.splice(0)) item.releaseRun()
      },
    }
  },
})

function faceOf(context: Context, { machineId, waiting, isEnabled }: { machineId: string | undefined; waiting: Waiting[]; isEnabled: boolean }): ButtonFace {
  const { label, says, color, asks, whenEmpty } = context.config
  return {
    label,
    says,
    color,
    asks,
    isEnabled,
    waiting: waiting.map(({ id, text }) => ({ id, text })),
    ...(machineId === undefined ? {} : { machineId }),
    ...(isEnabled ? {} : { reason: whenEmpty }),
    ...gatesOf(context.config),
  }
}

/** @throws UserError `button-disabled` */
function takeWaiting(waiting: Waiting[], waitingId: string | undefined, whenEmpty: string): Waiting {
  const index = waitingId === undefined ? 0 : waiting.findIndex((item) => item.id === waitingId)
  const item = waiting[index]
  if (!item) {
    const message = waiting.length ? 'This one is no longer waiting: somebody else has released it.' : `${whenEmpty}.`
    throw new UserError({ code: 'button-disabled', message, status: 409 })
  }
  waiting.splice(index, 1)
  return item
}
