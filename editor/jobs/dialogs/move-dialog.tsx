/** Moves a waiting program to another machine: each has checked it first, and says why it cannot. */
import { useEffect, useState } from 'react'
import { listMoveTargets, type MoveTarget, moveJob, type QueuedJob } from '../../../server/api/jobs.ts'
import { call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { VirtualMark } from '../../shared/machine/virtual-mark.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useAct } from '../use-act.ts'
import { useJobsText } from '../use-jobs-text.ts'
import type { DialogProps } from './asked.ts'

export function MoveDialog({ job, onClose, onChanged }: DialogProps & { job: QueuedJob }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const act = useAct()
  const [targets, setTargets] = useState<MoveTarget[]>()
  const [problem, setProblem] = useState<string>()
  const { id } = job
  useEffect(() => {
    const leaving = new AbortController()
    call(listMoveTargets, { params: { jobId: id }, signal: leaving.signal }).then(setTargets, (error: Error) => {
      if (!leaving.signal.aborted) setProblem(error.message)
    })
    return () => leaving.abort()
  }, [id])
  const move = async (machineId: string) => {
    if (!(await act(() => call(moveJob, { params: { jobId: id }, body: { machineId } })))) return
    onChanged()
    onClose()
  }
  return (
    <WorkDialog title={text.moveTitle(job.name)} onClose={onClose} testId="move-dialog">
      {problem && (
        <p className="list-problem" role="alert">
          {problem}
        </p>
      )}
      {!targets && !problem && <p role="status">{text.moveChecking}</p>}
      {targets?.length === 0 && <p>{text.moveNone}</p>}
      <ul className="jobs-targets">
        {targets?.map((target) => (
          <li key={target.machineId} data-testid={`target-${target.machineId}`} data-can={target.can}>
            {target.can ? (
              <HoldToConfirm
                label={text.moveHere(target.name)}
                says={text.moveSays(target.name, target.estimateS === undefined ? text.takesUnknown : text.takes(format.span(target.estimateS)))}
                hint={text.keepPressed}
                tone="plain"
                testId={`move-to-${target.machineId}`}
                onConfirm={() => void move(target.machineId)}
              />
            ) : (
              <>
                <strong>
                  {target.name}: {text.cannot}
                </strong>
                {target.reasons.map((reason) => (
                  <p key={reason}>{reason}</p>
                ))}
              </>
            )}
            {target.isVirtual && <VirtualMark />}
          </li>
        ))}
      </ul>
    </WorkDialog>
  )
}
