import { Type } from 'typebox'
import { defineNode, type Message, Quantity, Rows, Text } from '../define-node/index.ts'
import { cardFields, deadlineField, detailsField, questionField, whoField, yesField } from './ask-fields.ts'
import { failed } from './scope.ts'
import type { Step, StepAsk, Turn } from './services.ts'
import { spanInWords, waitingStatus } from './words.ts'

const [APPROVED, REFUSED, TIMED_OUT, ESCALATED] = [0, 1, 2, 3]

interface Data {
  ask: StepAsk
  /** Epoch ms. */
  deadline: number | null
  isEscalated: boolean
}

export default defineNode({
  type: 'cw-wait-person',
  family: 'orchestration',
  label: 'wait for a person',
  summary: 'Asks a person to approve, refuse or enter values, on the operator panel or over the API, and waits for the answer.',
  icon: 'wait-person',
  inputs: 1,
  outputs: ['approved', 'refused', 'timed out', 'escalated'],
  labelFrom: 'question',
  config: Type.Object({
    question: questionField('Question'),
    details: detailsField('What it is about, and what happens after each answer.'),
    asks: Rows(
      {
        key: Type.String({ title: 'Name in msg.values', minLength: 1, maxLength: 40, pattern: '^[A-Za-z][A-Za-z0-9_]*$' }),
        label: Type.String({ title: 'Label', minLength: 1, maxLength: 60 }),
        kind: Type.Enum(['number', 'text'], { title: 'Kind', default: 'number' }),
        unit: Type.Optional(Type.String({ title: 'Unit', maxLength: 20 })),
      },
      { title: 'Values to enter', help: 'Needed to approve.', maxItems: 8 },
    ),
    approve: yesField,
    refuse: Text({ title: 'Word for no', help: 'Empty: there is only the yes.', maxLength: 40, default: 'Refuse' }),
    who: whoField('Who may answer'),
    ...cardFields,
    escalateAfter: Quantity({
      title: 'Escalate after',
      unit: 's',
      help: 'Without an answer the message also comes out of "escalated", to tell somebody else; the card stays. 0: never.',
      minimum: 0,
      maximum: 2_592_000,
      default: 0,
    }),
    deadline: deadlineField,
  }),
  check: ({ escalateAfter, deadline }) =>
    deadline > 0 && escalateAfter >= deadline
      ? [{ path: '/escalateAfter', message: 'Escalate before the deadline: then the question is taken back, and nobody is told.' }]
      : [],
  setup(context) {
    const { asks, approve, refuse, who, escalateAfter, deadline } = context.config
    const machineId = context.config.machine ? context.referenced('machine')?.machineId : undefined
    const handle = context.services.steps.register<Data>({
      nodeId: context.id,
      nodeType: context.type,
      name: context.name,
      onWake(step, wake) {
        if (wake.kind === 'answer') {
          const { choice, by, at, values, comment } = wake
          const isYes = choice === 'yes'
          const message: Message = {
            ...step.message,
            values: { ...(step.message.values as object | undefined), ...values },
            answer: { choice: isYes ? 'approved' : 'refused', by, at: new Date(at).toISOString(), ...(comment === undefined ? {} : { comment }) },
          }
          return {
            end: { outcome: 'done', text: `${isYes ? 'approved' : 'refused'} by ${by}` },
            after: () => context.send(isYes ? APPROVED : REFUSED, message),
          }
        }
        if (wake.kind !== 'due') return undefined
        return !step.data.isEscalated && escalateAfter > 0 && (step.data.deadline === null || (step.dueAt ?? 0) < step.data.deadline)
          ? escalate(step)
          : giveUp(step)
      },
      onChange: (open) => context.status(waitingStatus(open, undefined, 'asks')),
    })
    function escalate(step: Step<Data>): Turn<Data> {
      const ask = { ...step.data.ask, isEscalated: true }
      return {
        data: { ...step.data, ask, isEscalated: true },
        ask,
        dueAt: step.data.deadline,
        text: `${step.text} (escalated)`,
        after: () => context.send(ESCALATED, { ...step.message, ask: { stepId: step.id, question: ask.title, since: new Date(step.createdAt).toISOString() } }),
      }
    }
    function giveUp(step: Step<Data>): Turn<Data> {
      const text = `no answer within ${spanInWords(deadline)}`
      return { end: { outcome: 'timed-out', text }, after: () => context.send(TIMED_OUT, failed(step.message, text, context)) }
    }
    return {
      async input(message) {
        const [question, details] = await Promise.all([context.value('question', message), context.value('details', message)])
        const now = Date.now()
        const end = deadline ? now + deadline * 1000 : null
        const ask: StepAsk = {
          title: question,
          fields: asks,
          choices: [{ key: 'yes', label: approve, kind: 'yes' }, ...(refuse ? [{ key: 'no', label: refuse, kind: 'no' as const }] : [])],
          who,
          ...(details === undefined ? {} : { text: details }),
          ...(machineId === undefined ? {} : { machineId }),
          ...(end === null ? {} : { deadline: new Date(end).toISOString() }),
        }
        const first = escalateAfter && (end === null || escalateAfter < deadline) ? now + escalateAfter * 1000 : end
        await handle.open({
          message,
          kind: 'person',
          data: { ask, deadline: end, isEscalated: false },
          text: `an answer: ${question}`,
          ask,
          ...(first === null ? {} : { dueAt: first }),
        })
      },
      close: () => handle.close(),
    }
  },
})
