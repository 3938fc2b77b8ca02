import { Type } from 'typebox'
import { Choice, defineNode, type Message, MessageValue, Text } from '../define-node/index.ts'
import { cardFields, deadlineField, detailsField, questionField, whoField, yesField } from '../orchestration/ask-fields.ts'
import { failed } from '../orchestration/scope.ts'
import type { StepAsk } from '../orchestration/services.ts'
import { spanInWords, waitingStatus } from '../orchestration/words.ts'

const [APPROVED, REFUSED, TIMED_OUT] = [0, 1, 2]

/** One person's yes. */
interface Approval {
  by: string
  at: string
  comment?: string
}
interface Data {
  ask: StepAsk
  approvals: Approval[]
}

export default defineNode({
  type: 'cw-approval',
  family: 'operator',
  label: 'approval',
  summary: 'Asks one or two people on the operator panel to approve something; whoever did the work can be kept from approving it.',
  icon: 'approval',
  inputs: 1,
  outputs: ['approved', 'refused', 'timed out'],
  labelFrom: 'question',
  config: Type.Object({
    question: questionField('What is to be approved'),
    details: detailsField('What to look at, and what happens after each answer.'),
    people: Choice(['1', '2'], { title: 'How many people', labels: { '1': 'one person', '2': 'two different people' }, default: '1' }),
    notBy: Type.Optional(
      MessageValue(Type.String({ maxLength: 100 }), {
        title: 'Not by',
        help: 'Who may not approve it: usually who did the work. Empty: anybody may.',
        default: { type: 'msg', value: 'pressedBy' },
      }),
    ),
    who: whoField('Who may approve'),
    reason: Choice(['asked', 'needed'], {
      title: 'Reason of a refusal',
      labels: { asked: 'may be given', needed: 'must be given' },
      default: 'needed',
    }),
    approve: yesField,
    refuse: Text({ title: 'Word for no', minLength: 1, maxLength: 40, default: 'Refuse' }),
    ...cardFields,
    deadline: deadlineField,
  }),
  setup(context) {
    const { people, who, reason, approve, refuse, deadline } = context.config
    const machineId = context.config.machine ? context.referenced('machine')?.machineId : undefined
    const handle = context.services.steps.register<Data>({
      nodeId: context.id,
      nodeType: context.type,
      name: context.name,
      onWake(step, wake) {
        if (wake.kind === 'answer') {
          const { choice, by, at, comment } = wake
          const mine: Approval = { by, at: new Date(at).toISOString(), ...(comment === undefined ? {} : { comment }) }
          if (choice !== 'yes') {
            const message: Message = { ...step.message, approval: { isApproved: false, refusedBy: mine, approvedBy: step.data.approvals } }
            return { end: { outcome: 'done', text: `refused by ${by}` }, after: () => context.send(REFUSED, message) }
          }
          const approvals = [...step.data.approvals, mine]
          if (approvals.length < Number(people)) {
            const ask: StepAsk = {
              ...step.data.ask,
              title: `${step.data.ask.title.slice(0, 180)} (2 of ${people})`,
              notBy: [...(step.data.ask.notBy ?? []), by],
            }
            return { data: { ask, approvals }, ask, text: `${step.text}; approved by ${by}` }
          }
          const message: Message = { ...step.message, approval: { isApproved: true, approvedBy: approvals } }
          return {
            end: { outcome: 'done', text: `approved by ${approvals.map((one) => one.by).join(' and ')}` },
            after: () => context.send(APPROVED, message),
          }
        }
        if (wake.kind !== 'due') return undefined
        const text = `not approved within ${spanInWords(deadline)}`
        return { end: { outcome: 'timed-out', text }, after: () => context.send(TIMED_OUT, failed(step.message, text, context)) }
      },
      onChange: (open) => context.status(waitingStatus(open, undefined, 'asks')),
    })
    return {
      async input(message) {
        const [question, details, notBy] = await Promise.all([
          context.value('question', message),
          context.value('details', message),
          context.value('notBy', message),
        ])
        const end = deadline ? Date.now() + deadline * 1000 : undefined
        const ask: StepAsk = {
          title: question,
          fields: [],
          choices: [
            { key: 'yes', label: approve, kind: 'yes' },
            { key: 'no', label: refuse, kind: 'no' },
          ],
          who,
          ...(notBy?.trim() ? { notBy: [notBy.trim()] } : {}),
          ...(reason === 'needed' ? { needsComment: ['no'] } : {}),
          ...(details?.trim() ? { text: details } : {}),
          ...(machineId === undefined ? {} : { machineId }),
          ...(end === undefined ? {} : { deadline: new Date(end).toISOString() }),
        }
        await handle.open({
          message,
          kind: 'person',
          data: { ask, approvals: [] },
          text: `an approval: ${question}`,
          ask,
          ...(end === undefined ? {} : { dueAt: end }),
        })
      },
      close: () => handle.close(),
    }
  },
})
