/** A tool change step by step: what is done already is seen from the machine, what a person does is said in words. The answers are below it. */
import { ArrowRight, CircleCheck, CircleDot } from 'lucide-react'
import type { MachineView } from '../../server/api/machines.ts'
import type { RunningJob } from './program-progress.tsx'
import { usePanelText } from './use-operator-text.ts'

export function ToolChange({ machine, job }: { machine: MachineView; job: RunningJob }) {
  const text = usePanelText().toolChange
  const { waitingFor } = job
  if (waitingFor?.kind !== 'tool-change') return null
  const { state } = machine
  const tool = waitingFor.tool === undefined ? text.theTool : `T${waitingFor.tool}`
  const isStanding = (state?.isStanding ?? false) && (state?.spindleRpm ?? 1) === 0
  const isMeasured = machine.guarding?.toolChange?.kind === 'probe-length'
  const steps = [
    { says: isStanding ? text.stands : text.waitForSpindle, isDone: isStanding },
    { says: text.putIn(tool), isDone: false },
    ...(isMeasured ? [{ says: text.measure(tool), isDone: false }] : [{ says: text.touchOff, isDone: false }]),
    { says: text.goOn, isDone: false },
  ]
  return (
    <ol className="op-steps" aria-label={text.label(tool)} data-testid="tool-change">
      {steps.map(({ says, isDone }, index) => {
        const isNext = !isDone && steps.slice(0, index).every((before) => before.isDone)
        const Icon = isDone ? CircleCheck : isNext ? ArrowRight : CircleDot
        return (
          <li key={says} data-done={isDone || undefined} aria-current={isNext ? 'step' : undefined}>
            <Icon size={24} aria-hidden /> {says}
          </li>
        )
      })}
    </ol>
  )
}
