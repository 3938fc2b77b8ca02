import { Type } from 'typebox'
import { ConfigNode, defineNode, MessageValue } from '../define-node/index.ts'
import { runOf } from './asking.ts'
import machine from './machine.node.ts'

export default defineNode({
  type: 'cw-program-check',
  family: 'motion',
  label: 'program check',
  summary: 'Checks a program line by line against a machine as it is now, with a time estimate. Nothing moves.',
  icon: 'program-check',
  inputs: 1,
  outputs: ['may run', 'refused'],
  labelFrom: 'program',
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    program: MessageValue(Type.String({ minLength: 1 }), {
      title: 'Program',
      help: 'Name or id in the program library.',
      default: { type: 'str', value: '' },
      picks: 'program',
    }),
  }),
  setup: (context) => ({
    async input(message) {
      const { machineId } = context.referenced('machine')
      const program = await context.value('program', message)
      context.status({ info: `checking ${program} for ${machineId}` })
      const report = await context.services.checkProgram({ machineId, program, nodeId: context.id, ...runOf(message) })
      const worst = report.findings.find(({ severity }) => severity === 'error')
      context.status(
        report.isRunnable
          ? { ok: `${program} may run, about ${duration(report.estimateS)}` }
          : { alarm: `${program}: ${worst ? `line ${worst.line}: ${worst.text}` : 'it may not run'}` },
      )
      context.send(report.isRunnable ? 0 : 1, { ...message, payload: { program, machineId, ...report } })
    },
  }),
})

/** `1 h 05 min`, `2 min 10 s`, `8 s`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (h) return `${h} h ${String(min).padStart(2, '0')} min`
  return min ? `${min} min ${String(s).padStart(2, '0')} s` : `${s} s`
}
