/** What the machine works on: picture, lines, how far, how long still; and the way to start something. */
import { ListPlus, Play } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useIdleGate } from '../gate.ts'
import { useRunningProgram } from '../program/use-running-program.ts'
import { ProgramProgress } from '../program-progress.tsx'
import { usePanelText } from '../use-operator-text.ts'

const ProgramPicture = lazy(() => import('../program/program-picture.tsx'))

export interface ProgramTabProps {
  machine: MachineView
  isStale: boolean
  maySee: boolean
  onStart: () => void
  onResume: () => void
}

export function ProgramTab({ machine, isStale, maySee, onStart, onResume }: ProgramTabProps) {
  const text = usePanelText().program
  const words = useMachineText()
  const format = formats(useLanguage())
  const { program, error } = useRunningProgram(machine, maySee)
  const { job, resumable } = machine.state ?? {}
  const line = job?.currentLine ?? resumable?.line ?? 0
  return (
    <div className="op-program-tab" data-testid="program-tab">
      <div className="op-program-head">
        <ProgramProgress job={job} isStale={isStale} />
        {!job && <StartKeys machine={machine} onStart={onStart} onResume={onResume} />}
        {!job && resumable && <p className="op-why">{words.resumable(resumable.programName, format.number(resumable.line))}</p>}
      </div>
      {program ? (
        <Suspense fallback={<div className="op-skeleton" aria-hidden />}>
          <ProgramPicture machine={machine} program={program} isStale={isStale} line={line} isAtWork={job !== undefined} />
        </Suspense>
      ) : (
        <p className="op-empty">{error ?? (job ? text.loading : text.none)}</p>
      )}
    </div>
  )
}

/** The way to start something, or to go on with what was broken off; and why not just now. */
export function StartKeys({ machine, onStart, onResume }: Pick<ProgramTabProps, 'machine' | 'onStart' | 'onResume'>) {
  const text = usePanelText().program
  const format = formats(useLanguage())
  const gate = useIdleGate(machine)
  const { resumable } = machine.state ?? {}
  return (
    <>
      <div className="op-row">
        <button type="button" className="op-main-action" disabled={gate !== undefined} data-testid="start-program" onClick={onStart}>
          <Play size={24} aria-hidden /> {text.start}
        </button>
        {resumable && (
          <button type="button" className="op-plain" disabled={gate !== undefined} data-testid="resume-program" onClick={onResume}>
            <ListPlus size={24} aria-hidden /> {text.resume(format.number(resumable.line))}
          </button>
        )}
      </div>
      {gate && <p className="op-why">{gate}</p>}
    </>
  )
}
