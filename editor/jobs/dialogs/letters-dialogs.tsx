/** Deals with many dead letters: how many and of what is said first, it is done in parts, and can be ended in between. */
import { Button, Checkbox, TextInput } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { dismissLetters, type LettersDone, retryLetters } from '../../../server/api/jobs.ts'
import { call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useJobsText } from '../use-jobs-text.ts'
import type { DialogProps, Letters } from './asked.ts'

const PART = 50
type Part = { filter: Letters['filter']; until: string; limit: number; after?: string }

interface Progress {
  of: number
  done: number
  refused: LettersDone['refused']
  refusedTotal: number
  state: 'working' | 'ended' | 'left'
  problem?: string
}

/** Asks for one part after the other until there is none, or somebody has enough. */
function useParts(onChanged: () => void) {
  const [progress, setProgress] = useState<Progress>()
  const isEnough = useRef(false)
  useEffect(
    () => () => {
      isEnough.current = true
    },
    [],
  )
  const go = async (of: number, filter: Letters['filter'], until: string, ask: (part: Part) => Promise<LettersDone>) => {
    let so: Progress = { of, done: 0, refused: [], refusedTotal: 0, state: 'working' }
    setProgress(so)
    let after: string | undefined
    try {
      do {
        const part = await ask({ filter, until, limit: PART, ...(after === undefined ? {} : { after }) })
        after = part.after
        const refused = [...so.refused, ...part.refused].slice(0, 20)
        so = { ...so, done: so.done + part.done, refused, refusedTotal: so.refusedTotal + part.refusedTotal }
        setProgress(so)
      } while (after !== undefined && !isEnough.current)
      setProgress({ ...so, state: after === undefined ? 'ended' : 'left' })
    } catch (error) {
      setProgress({ ...so, state: 'left', problem: (error as Error).message })
    } finally {
      onChanged()
    }
  }
  return {
    progress,
    go,
    stop() {
      isEnough.current = true
    },
  }
}

function Going({ progress, onStop, onClose, told }: { progress: Progress; onStop: () => void; onClose: () => void; told: (done: string) => string }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const { of, done, refused, refusedTotal, state, problem } = progress
  return (
    <div className="jobs-form">
      <progress max={of} value={done + refusedTotal} aria-label={told(format.number(done))} />
      <p role="status" data-testid="letters-progress" data-state={state}>
        {told(format.number(done))}
        {refusedTotal > 0 && ` ${text.refused(format.number(refusedTotal))}`}
        {state === 'left' && ` ${text.leftOff}`}
      </p>
      {problem && <p className="list-problem">{problem}</p>}
      {refused.length > 0 && (
        <ul className="jobs-refused">
          {refused.map(({ jobId, name, why }) => (
            <li key={jobId}>
              <strong>{name}</strong>: {why}
            </li>
          ))}
        </ul>
      )}
      <Button variant="default" onClick={state === 'working' ? onStop : onClose} data-testid="letters-close">
        {state === 'working' ? text.stopHere : text.close}
      </Button>
    </div>
  )
}

/** What the letters are narrowed to, in words. */
function Narrowed({ letters, children }: { letters: Letters; children?: ReactNode }) {
  const text = useJobsText()
  const { queue, name, cause, text: words } = letters.filter
  const parts = [queue && text.ofQueue(queue), name, cause && text.causes[cause], words && `"${words}"`].filter(Boolean)
  return (
    <p>
      {parts.length > 0 && <strong>{parts.join(', ')}: </strong>}
      {children}
    </p>
  )
}

export function RetryAllDialog({ letters, onClose, onChanged }: DialogProps & { letters: Letters }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const { me } = useMe()
  const [until] = useState(() => new Date().toISOString())
  const [isMoving, setMoving] = useState(false)
  const { progress, go, stop } = useParts(() => onChanged())
  const { program } = letters.kinds
  const others = letters.total - program
  const mayMove = may(me, 'machines.operate')
  const begin = (withPrograms: boolean) =>
    void go(withPrograms ? letters.total : others + program, letters.filter, until, (part) =>
      call(retryLetters, { body: { ...part, ...(withPrograms ? { mayMove: true } : {}) } }),
    )
  return (
    <WorkDialog title={text.retryAllTitle(format.number(letters.total))} onClose={onClose} testId="retry-all-dialog">
      {progress ? (
        <Going progress={progress} onStop={stop} onClose={onClose} told={text.retriedMany} />
      ) : (
        <div className="jobs-form">
          <Narrowed letters={letters}>{text.retryAllText}</Narrowed>
          {program > 0 && (
            <>
              <p>{text.retryAllPrograms(format.number(program))}</p>
              <Checkbox
                label={text.withPrograms}
                checked={isMoving}
                disabled={!mayMove}
                onChange={(event) => setMoving(event.currentTarget.checked)}
                data-testid="with-programs"
              />
            </>
          )}
          {isMoving ? (
            <HoldToConfirm
              label={text.retryCount(format.number(letters.total))}
              says={text.retryAllMoves(format.number(program))}
              hint={text.keepPressed}
              testId="retry-all-moving"
              onConfirm={() => begin(true)}
            />
          ) : (
            <Button onClick={() => begin(false)} disabled={others === 0} data-testid="retry-all-now" data-autofocus>
              {text.retryCount(format.number(others))}
            </Button>
          )}
        </div>
      )}
    </WorkDialog>
  )
}

export function DismissAllDialog({ letters, onClose, onChanged }: DialogProps & { letters: Letters }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const [until] = useState(() => new Date().toISOString())
  const [why, setWhy] = useState('')
  const { progress, go, stop } = useParts(() => onChanged())
  return (
    <WorkDialog title={text.dismissAllTitle(format.number(letters.total))} onClose={onClose} testId="dismiss-all-dialog">
      {progress ? (
        <Going progress={progress} onStop={stop} onClose={onClose} told={text.dismissedMany} />
      ) : (
        <form
          className="jobs-form"
          onSubmit={(event) => {
            event.preventDefault()
            void go(letters.total, letters.filter, until, (part) => call(dismissLetters, { body: { ...part, why: why.trim() } }))
          }}
        >
          <Narrowed letters={letters}>{text.dismissText}</Narrowed>
          <TextInput
            label={text.why}
            description={text.dismissWhy}
            maxLength={300}
            required
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
            data-autofocus
            data-testid="dismiss-all-why"
          />
          <Button type="submit" disabled={!why.trim()} data-testid="dismiss-all-now">
            {text.dismissCount(format.number(letters.total))}
          </Button>
        </form>
      )}
    </WorkDialog>
  )
}
