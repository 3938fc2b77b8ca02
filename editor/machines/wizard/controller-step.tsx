/** Asks the controller behind a link what it is. Nothing moves; opening the link may reset the board, so a person says go. */
import { Button } from '@mantine/core'
import { Info, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { MachineLink } from '../../../nodes/motion/machine.ts'
import { type Survey, surveyLink } from '../../../server/api/motion.ts'
import { ApiError, call } from '../../shared/api.ts'
import { Abilities } from '../abilities.tsx'
import { useMachinesText } from '../use-machines-text.ts'

export interface ControllerStepProps {
  link: MachineLink
  controller: 'grbl' | 'linuxcnc'
  survey: Survey | undefined
  /** The survey is one of this very link. */
  isCurrent: boolean
  onSurvey: (survey: Survey) => void
}

export function ControllerStep({ link, controller, survey, isCurrent, onSurvey }: ControllerStepProps) {
  const text = useMachinesText().survey
  const [isAsking, setAsking] = useState(false)
  const [failure, setFailure] = useState<{ code: string; message: string }>()
  const leaving = useRef<AbortController>(undefined)
  useEffect(() => () => leaving.current?.abort(), [])
  const ask = async () => {
    leaving.current = new AbortController()
    const { signal } = leaving.current
    setAsking(true)
    setFailure(undefined)
    try {
      onSurvey(await call(surveyLink, { body: { link, controller }, signal }))
    } catch (error) {
      if (!signal.aborted) setFailure(error instanceof ApiError ? { code: error.code, message: error.message } : { code: 'unknown', message: String(error) })
    } finally {
      setAsking(false)
    }
  }
  const help = failure && (text.help as Record<string, readonly string[]>)[failure.code]
  return (
    <>
      {link.kind === 'serial' && link.resetsOnOpen && (
        <p className="mf-warning">
          <TriangleAlert size={18} aria-hidden /> {text.mayReset}
        </p>
      )}
      <div className="survey-ask">
        <Button onClick={ask} loading={isAsking} variant={survey && isCurrent ? 'default' : 'filled'} data-testid="ask-controller">
          {survey && isCurrent ? text.askAgain : text.ask}
        </Button>
        {isAsking && (
          <>
            <p role="status">{text.asking}</p>
            <Button variant="subtle" color="gray" onClick={() => leaving.current?.abort()}>
              {text.giveUp}
            </Button>
          </>
        )}
      </div>
      {failure && (
        <div className="mf-problem" role="alert" data-testid="survey-problem">
          <p>{failure.message}</p>
          {help && (
            <ul>
              {help.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
        </div>
      )}
      {survey && !isCurrent && !isAsking && !failure && <p className="mf-hint">{text.old}</p>}
      {survey && isCurrent && (
        <div className="survey" data-testid="survey">
          <Abilities firmware={survey.firmware} dialect={survey.dialect} abilities={survey.abilities} state={survey.state} />
          {survey.remarks.length > 0 && (
            <section className="survey-remarks">
              <h3>{text.remarks}</h3>
              <ul>
                {survey.remarks.map((remark) => (
                  <li key={remark}>
                    <Info size={18} aria-hidden /> {remark}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </>
  )
}
