/** Cancels a run or a flow job: first what would end with it, and what a machine that works for it shall do. */
import './cancelling.css'
import { Button, Checkbox, Radio, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useEffect, useState } from 'react'
import { type CancelView, cancelJob, cancelRun, type MachineChoice, viewCancelJob, viewCancelRun } from '../../../server/api/cancelling.ts'
import { ApiError, call } from '../api.ts'
import { VirtualMark } from '../machine/virtual-mark.tsx'
import { may, useMe } from '../me.ts'
import { cancelling as de } from '../text/de/cancelling.ts'
import { cancelling as en } from '../text/en/cancelling.ts'
import { catalogue, formats, useLanguage } from '../text/index.ts'

export const useCancelText = catalogue(en, de)

/** What is to be cancelled. */
export type Cancelled = { runId: string } | { jobId: string; name: string }
type Scope = 'job' | 'run'

const CHOICES: readonly MachineChoice[] = ['finish', 'hold', 'stop']

export function CancelForm({ of, onDone, onClose }: { of: Cancelled; onDone: () => void; onClose: () => void }) {
  const text = useCancelText()
  const { me } = useMe()
  const [scope, setScope] = useState<Scope>()
  const { view, problem } = useView(of, scope)
  const [machine, setMachine] = useState<MachineChoice>('finish')
  const [takeBack, setTakeBack] = useState(false)
  const [why, setWhy] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const format = formats(useLanguage())
  const mayStop = may(me, 'machines.stop')
  // a job that works in its own run ends with it
  const meant: Scope = scope ?? (view && !view.isSharedRun ? 'run' : 'job')

  const send = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefusal(undefined)
    const body = { ...(view?.programs.length ? { machine } : {}), ...(takeBack ? { takeBack } : {}), ...(why.trim() ? { why: why.trim() } : {}) }
    try {
      if ('runId' in of) {
        const { steps, jobs, problems } = await call(cancelRun, { params: { runId: of.runId }, body })
        notifications.show({
          message: [text.doneRun, steps > 0 && text.steps(format.number(steps)), jobs > 0 && text.jobsEnd(format.number(jobs))].filter(Boolean).join(' '),
        })
        for (const message of problems) notifications.show({ color: 'red', message, autoClose: false })
      } else {
        await call(cancelJob, { params: { jobId: of.jobId }, body: { ...body, ...(view?.isSharedRun ? { scope: meant } : {}) } })
        notifications.show({ message: text.doneJob })
      }
      onDone()
      onClose()
    } catch (error) {
      if (error instanceof ApiError && error.code === 'cancelled-in-part') onDone()
      setRefusal((error as Error).message)
      setBusy(false)
    }
  }

  if (problem) return <p className="cancel-problem">{problem.code === 'run-ended' || problem.code === 'job-ended' ? text.over : problem.message}</p>
  if (!view) return <p role="status">{text.reading}</p>
  return (
    <form className="cancel-form" onSubmit={send} data-testid="cancel-form">
      <p>{'runId' in of || meant === 'run' ? text.runEnds : text.jobEnds}</p>
      {'jobId' in of && view.isSharedRun && (
        <Radio.Group label={text.scope} value={meant} onChange={(value) => setScope(value as Scope)}>
          <Radio value="job" label={text.scopeJob} data-testid="scope-job" />
          <Radio value="run" label={text.scopeRun} data-testid="scope-run" />
        </Radio.Group>
      )}
      <WhatEnds view={view} />
      {view.programs.length > 0 && (
        <fieldset className="cancel-machines" data-testid="cancel-machines">
          <legend>{text.programs(format.number(view.programs.length))}</legend>
          <ul>
            {view.programs.map(({ jobId, name, machineName, isVirtual }) => (
              <li key={jobId}>
                <strong>{text.runsOn(name, machineName)}</strong>
                {isVirtual && <VirtualMark />}
              </li>
            ))}
          </ul>
          <Radio.Group label={text.machine} value={machine} onChange={(value) => setMachine(value as MachineChoice)}>
            {CHOICES.map((choice) => (
              <Radio key={choice} value={choice} label={text[choice]} disabled={choice !== 'finish' && !mayStop} data-testid={`machine-${choice}`} />
            ))}
          </Radio.Group>
          {!mayStop && <p className="cancel-note">{text.mayNotStop}</p>}
        </fieldset>
      )}
      {view.confirmations > 0 && (
        <Checkbox
          label={text.takeBack(format.number(view.confirmations))}
          description={text.takeBackHelp}
          checked={takeBack}
          onChange={(event) => setTakeBack(event.currentTarget.checked)}
          data-testid="take-back"
        />
      )}
      <TextInput
        label={text.why}
        description={text.whyHelp}
        maxLength={300}
        value={why}
        onChange={(event) => setWhy(event.currentTarget.value)}
        data-testid="cancel-why"
      />
      {refusal && (
        <p className="cancel-problem" role="alert">
          {refusal}
        </p>
      )}
      <div className="cancel-actions">
        <Button variant="default" onClick={onClose}>
          {text.keep}
        </Button>
        <Button type="submit" color="red" variant="outline" loading={isBusy} data-testid="cancel-now">
          {meant === 'run' || 'runId' in of ? text.cancelRun : text.cancelJob}
        </Button>
      </div>
    </form>
  )
}

function WhatEnds({ view }: { view: CancelView }) {
  const text = useCancelText()
  const format = formats(useLanguage())
  const { steps, active, waiting, waitingTotal, programs, confirmations } = view
  if (!steps.length && !active.length && !waitingTotal && !programs.length && !confirmations) return <p className="cancel-note">{text.nothingElse}</p>
  const groups = [
    { key: 'steps', title: text.steps(format.number(steps.length)), names: steps, total: steps.length },
    { key: 'active', title: text.active(format.number(active.length)), names: active.map(({ name }) => name), total: active.length },
    { key: 'waiting', title: text.waiting(format.number(waitingTotal)), names: waiting.map(({ name }) => name), total: waitingTotal },
  ]
  return (
    <dl className="cancel-ends" data-testid="cancel-ends">
      {groups
        .filter(({ total }) => total > 0)
        .map(({ key, title, names, total }) => (
          <div key={key}>
            <dt>{title}</dt>
            <dd>
              {names.slice(0, SHOWN).join(', ')}
              {total > SHOWN ? ` ${text.more(format.number(total - SHOWN))}` : ''}
            </dd>
          </div>
        ))}
    </dl>
  )
}

const SHOWN = 5

function useView(of: Cancelled, scope: Scope | undefined): { view: CancelView | undefined; problem: ApiError | undefined } {
  const [known, setKnown] = useState<{ view?: CancelView; problem?: ApiError }>({})
  const runId = 'runId' in of ? of.runId : undefined
  const jobId = 'jobId' in of ? of.jobId : undefined
  useEffect(() => {
    const leaving = new AbortController()
    const { signal } = leaving
    const asked =
      runId === undefined
        ? call(viewCancelJob, { params: { jobId: jobId ?? '' }, query: scope === undefined ? {} : { scope }, signal })
        : call(viewCancelRun, { params: { runId }, signal })
    asked.then(
      (view) => setKnown({ view }),
      (problem: ApiError) => signal.aborted || setKnown({ problem }),
    )
    return () => leaving.abort()
  }, [runId, jobId, scope])
  return { view: known.view, problem: known.problem }
}
