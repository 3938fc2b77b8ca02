import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choices, ConfigNode, defineNode, MessageValue } from '../define-node/index.ts'
import { runOf } from './asking.ts'
import machine from './machine.node.ts'
import type { MachineState } from './machine.ts'

const KINDS = {
  'tool-change': 'a tool change',
  'program-stop': 'a stop in the program (M0)',
  'optional-stop': 'an optional stop (M1)',
  'line-error': 'an error in a line',
} as const

type Waiting = NonNullable<NonNullable<MachineState['job']>['waitingFor']> & { jobId: string; program: string }

function waitingOf(state: MachineState | undefined): Waiting | undefined {
  const job = state?.job
  return job?.waitingFor ? { jobId: job.jobId, program: job.programName, ...job.waitingFor } : undefined
}

export default defineNode({
  type: 'cw-tool-change',
  family: 'motion',
  label: 'tool change',
  summary: 'Tells a flow that a running program waits for a tool or a person, and answers it. The machine may move after the answer.',
  icon: 'tool-change',
  inputs: 1,
  outputs: ['asked', 'answered'],
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    kinds: Choices(['tool-change', 'program-stop', 'optional-stop', 'line-error'], { title: 'When it waits for', labels: KINDS, default: ['tool-change'] }),
    answer: MessageValue(Type.Enum(['go-on', 'measure-tool', 'skip-line', 'stop']), {
      title: 'Answer',
      help: 'go-on, measure-tool, skip-line or stop; given when a message comes in.',
      default: { type: 'str', value: 'go-on' },
    }),
  }),
  setup(context) {
    const { machineId } = context.referenced('machine')
    const kinds = new Set<string>(context.config.kinds)
    /** What was sent on already, also before a restart of this node. */
    const kept = context.kept<{ asked: string | undefined }>(() => ({ asked: undefined }))
    let state: MachineState | undefined
    const remove = context.services.onMachineState(machineId, (next) => {
      state = next
      const waiting = waitingOf(next)
      if (!waiting || !kinds.has(waiting.kind)) {
        // an absent state is not the end of the wait
        if (next) kept.asked = undefined
        context.status({ waiting: next ? `${machineId} waits for nothing` : `${machineId}: not known` })
        return
      }
      context.status({ asks: waiting.text })
      const key = `${waiting.jobId} ${waiting.kind} ${waiting.line}`
      if (kept.asked === key) return
      kept.asked = key
      context.send(0, { topic: machineId, machineId, payload: waiting })
    })
    context.status({ waiting: `listening to ${machineId}` })
    return {
      async input(message) {
        const waiting = waitingOf(state ?? (await context.services.machineState(machineId)))
        if (!waiting) throw new UserError({ code: 'nothing-to-answer', message: `No program on ${machineId} waits for an answer now.` })
        const answer = await context.value('answer', message)
        if (!waiting.answers.includes(answer))
          throw new UserError({
            code: 'answer-not-possible',
            message: `"${answer}" is no answer to this: ${waiting.text} It can be answered with ${waiting.answers.join(', ')}.`,
          })
        await context.services.answerMachineJob({ machineId, jobId: waiting.jobId, answer, nodeId: context.id, ...runOf(message) })
        context.status({ info: `answered: ${answer}` })
        context.send(1, { ...message, payload: { ...waiting, answer } })
      },
      close: () => remove(),
    }
  },
})
