/** One request: what it would change, and the yes or no of a second person. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { FlowNode } from '../../../server/api/flows.ts'
import { approveChange, type ChangeRequest, getChangeRequest, refuseChange, withdrawChange } from '../../../server/api/protect.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { ReasonDialog } from '../reason-dialog.tsx'
import { type HistoryText, useHistoryText } from '../use-history-text.ts'
import { RequestState, wordsOf } from './request-words.tsx'

const FlowChanges = lazy(() => import('../changes/flow-changes.tsx'))

function whyNot({ mayNot, author }: ChangeRequest, words: HistoryText['requests']): string | undefined {
  switch (mayNot) {
    case 'own':
      return words.own
    case 'right':
      return words.mayNot
    case 'in-person':
      return words.inPerson
    case 'stale':
      return words.staleText(author)
    case 'decided':
    case undefined:
      return undefined
  }
}

export function RequestDetail({ id, revision, onBack }: { id: string; revision: string; onBack: () => void }) {
  const text = useHistoryText()
  const words = text.requests
  const format = formats(useLanguage())
  const [isRefusing, setRefusing] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const { value, error, refresh } = useLoad(`${id} ${revision}`, () => call(getChangeRequest, { params: { requestId: id } }))
  const act = async (said: string, work: () => Promise<unknown>) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
      notifications.show({ message: said })
      setRefusing(false)
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setProblem(failure.message)
    } finally {
      setBusy(false)
      refresh()
    }
  }
  if (!value)
    return (
      <section className="history-detail">
        {error === undefined ? (
          <div className="history-skeleton" aria-hidden />
        ) : (
          <p className="history-problem" role="alert">
            {error}
          </p>
        )}
      </section>
    )
  const { request, hash, flows, base } = value
  const params = { requestId: id }
  const reasonAgainst = whyNot(request, words)
  const isOpen = request.state === 'open'
  // what is stale may still be refused
  const mayRefuse = isOpen && (request.mayNot === undefined || request.mayNot === 'stale')
  return (
    <section className="history-detail" aria-label={wordsOf(request, words)} data-testid="request" data-state={request.state}>
      <Button className="history-back" variant="subtle" size="compact-sm" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={onBack}>
        {text.back}
      </Button>
      <header>
        <h2>{wordsOf(request, words)}</h2>
        <span className="history-badges">
          <RequestState request={request} />
        </span>
        <p>{words.by(request.author, format.dateTime(request.at))}</p>
        {request.reason !== undefined && <p>{request.reason}</p>}
        {request.untested !== undefined && <p className="history-warn">{words.untested(request.untested)}</p>}
        {request.hasCredentials && <p className="history-warn">{words.credentials}</p>}
        {request.decidedBy !== undefined && request.decidedAt !== undefined && (
          <p>
            {words.states[request.state]}: {words.decidedBy(request.decidedBy, format.dateTime(request.decidedAt))}
            {request.decidedWhy !== undefined && ` · ${request.decidedWhy}`}
          </p>
        )}
        {reasonAgainst !== undefined && (
          <p className="history-warn" data-testid="why-not">
            {reasonAgainst}
          </p>
        )}
      </header>
      {problem !== undefined && (
        <p className="history-problem" role="alert" data-testid="request-problem">
          {problem}
        </p>
      )}
      <div className="history-acts">
        {isOpen && request.mayNot === undefined && (
          <Button
            loading={isBusy}
            onClick={() => void act(words.approved, () => call(approveChange, { params, body: hash === undefined ? {} : { hash } }))}
            data-testid="approve"
          >
            {request.kind === 'unprotect' ? words.approveUnprotect : words.approve}
          </Button>
        )}
        {mayRefuse && (
          <Button variant="default" disabled={isBusy} onClick={() => setRefusing(true)} data-testid="refuse">
            {words.refuse}
          </Button>
        )}
        {isOpen && request.isOwn && (
          <Button variant="default" loading={isBusy} onClick={() => void act(words.withdrawn, () => call(withdrawChange, { params }))} data-testid="withdraw">
            {words.withdraw}
          </Button>
        )}
      </div>
      {isOpen && request.mayNot === undefined && request.kind === 'deploy' && <p className="history-quiet">{words.approveText}</p>}
      {request.kind === 'deploy' && (
        <Suspense fallback={<div className="history-skeleton" aria-hidden />}>
          <FlowChanges before={base as FlowNode[]} after={flows as FlowNode[]} />
        </Suspense>
      )}
      {isRefusing && (
        <ReasonDialog
          testId="refuse"
          title={words.refuseTitle}
          isNeeded
          does={words.refuseNow}
          isBusy={isBusy}
          onClose={() => setRefusing(false)}
          onConfirm={(reason) => void act(words.refused, () => call(refuseChange, { params, body: { reason } }))}
        />
      )}
    </section>
  )
}
